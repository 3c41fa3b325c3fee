<?cs if:Error.saved && !Page.practice ?>
<p class="what">您填的内容已保存，可以接着办。</p>
<?cs /if ?>
<p>还是不行，请拨打客服电话 <a class="nobreak" href="tel:<?cs var:Site.hotline ?>"><?cs var:Site.hotline ?></a>（<?cs var:Site.hours ?>）。<?cs if:Error.case ?><br><small class="muted">来电时请报这个编号：<span class="mono"><?cs var:Error.case ?></span></small><?cs /if ?></p>
<a class="btn" href="/">回到首页</a>
</section>

<div data-news aria-live="polite">
<?cs if:Sms.failed ?>
<p class="note bad" role="alert">短信暂时发不出去，请稍后再试，您填的内容已保存。</p>
<?cs elif:Sms.sending ?>
<p class="note">正在向 <?cs var:Phone.masked ?> 发送短信验证码，收到后填在下面。</p>
<?cs /if ?>
<p class="lead">验证码<?cs if:Sms.sending || Sms.failed ?>发往<?cs else ?>已发送至<?cs /if ?> <strong class="nobreak"><?cs var:Phone.masked ?></strong><?cs if:Local.phone_url ?><span class="nobreak">（<a href="<?cs var:Local.phone_url ?>">换号码</a>）</span><?cs /if ?></p>
</div>
<div class="card">
<?cs call:form_open() ?>
<?cs call:sms_field("code", Field.code, "短信验证码", "6 位数字，10 分钟内有效") ?>
<?cs call:submit("下一步") ?>
</form>
<div class="resend"<?cs if:Sms.resend_at ?> data-resend-at="<?cs var:Sms.resend_at ?>" data-pause="<?cs var:Sms.resend_pause ?>" data-text="{s} 秒后可以重新获取"<?cs /if ?>>
<?cs if:!Sms.can_resend ?>
<p class="muted" data-resend-wait><?cs if:Sms.resend_clock ?><?cs var:Sms.resend_clock ?> 以后可以重新获取，届时请点下面的按钮<?cs /if ?></p>
<?cs /if ?>
<?cs call:action_form("resend", "重新获取验证码", "btn second") ?>
</div>
</div>
<details class="more">
<summary>没收到短信？</summary>
<ul>
<li>看看短信是不是被拦截，进了“垃圾短信”</li>
<li>信号弱时短信会晚到，请等 60 秒再重新获取</li>
<?cs if:Local.phone_url ?><li>号码填错了，请点上面的“换号码”</li><?cs /if ?>
<li>换机换卡后收不到，请拨打页面下方的客服电话</li>
</ul>
</details>

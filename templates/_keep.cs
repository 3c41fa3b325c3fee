<?cs # Until when the page is kept, and a plain form that lengthens it; the script warns in the dialog two minutes ahead. ?>
<?cs if:Keep.role && Page.csrf ?>
<div class="keep" data-keep="<?cs var:Keep.role ?>" data-left="<?cs var:Keep.left ?>" data-whose="<?cs var:Keep.whose ?>"<?cs if:Keep.draft ?> data-draft="<?cs var:Keep.draft ?>"<?cs /if ?><?cs if:Keep.last ?> data-last<?cs /if ?>>
<p role="status"><?cs if:Keep.role == "records" ?>登录保留到 <?cs elif:Keep.role == "handover" ?>这部手机可以办到 <?cs elif:Keep.last ?>没有提交的内容保存到 <?cs else ?>为保护您的信息，<?cs /if ?><span class="nobreak" data-until><?cs var:Keep.until ?></span><?cs if:Keep.role == "draft" && !Keep.last ?> 以后要再验证一次手机号，填过的内容会保存<?cs /if ?>。</p>
<?cs if:!Keep.last ?>
<form method="post" action="/session" novalidate>
<input type="hidden" name="csrf" value="<?cs var:Page.csrf ?>">
<input type="hidden" name="to" value="<?cs var:Page.here ?>">
<button class="link" type="submit">延长时间</button>
</form>
<?cs /if ?>
<dialog hidden role="alertdialog" aria-labelledby="keep-title" aria-describedby="keep-text" data-soon="快到时间了" data-minutes=" {n} 分钟" data-seconds=" {n} 秒" data-fail="没有延长成功，请检查网络后再点一次" <?cs if:Keep.role == "records" ?>data-ended="登录时间到了" data-warn="登录将在{t}后结束，点“继续办理”可延长。" data-final="登录将在{t}后结束，不能再延长，请尽快办完。" data-over="已经提交的内容都在，重新登录后可以继续。"<?cs elif:Keep.role == "handover" ?>data-ended="手机办理的时间到了" data-warn="手机办理将在{t}后结束，点“继续办理”可延长。" data-final="手机办理将在{t}后结束，不能再延长，请尽快拍完。" data-over="已经拍好的内容都在。请回到电脑，重新扫码可以继续。"<?cs else ?>data-ended="已暂停" data-warn="页面将在{t}后暂停，点“继续办理”可延长。填过的内容会保存。" data-final="没有提交的内容将在{t}后删除，请尽快提交。" data-over="为保护您的信息已暂停。验证手机号后可继续，填过的内容已保存。" data-gone="没有提交的内容已到期删除，请重新办理。"<?cs /if ?>>
<h2 id="keep-title">快到时间了</h2>
<p id="keep-text" aria-live="polite"></p>
<p class="error" role="alert" hidden></p>
<button class="btn" type="button" data-more>继续办理</button>
<button class="btn" type="button" data-close>知道了</button>
<a class="btn" href="<?cs if:Keep.role == "records" ?><?cs var:Page.here ?><?cs elif:Keep.role == "handover" ?>/handover<?cs else ?>/paused<?cs /if ?>"><?cs if:Keep.role == "records" ?>重新登录<?cs elif:Keep.role == "handover" ?>知道了<?cs else ?>继续<?cs /if ?></a>
</dialog>
</div>
<?cs /if ?>

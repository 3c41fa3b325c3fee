<?cs # 扫码继续. On a wide screen a card of its own, on a phone folded away; the style shows one of the two. ?>
<?cs if:Handover.state == "phone" ?>
<div class="note">
<p>您正在用手机为电脑上的申请拍摄：<?cs if:Car.company ?><?cs var:Car.company ?><?cs if:#Car.count > #0 ?>，<?cs var:Car.count ?> 辆车<?cs /if ?><?cs else ?><?cs var:Car.brand ?> <?cs var:Car.model ?>，车架号 <span class="mono nobreak"><?cs var:Car.vin ?></span><?cs /if ?>。办完这一步请回到电脑。</p>
<form method="post" action="/handover" novalidate>
<?cs call:csrf() ?>
<button class="btn second small" type="submit" name="action" value="cancel">取消，不在手机上办</button>
</form>
</div>
<?cs elif:Handover.state == "shown" || Handover.state == "open" ?>
<section class="card hand" id="handover" aria-labelledby="handover-title">
<?cs if:Handover.state == "open" ?>
<h2 id="handover-title">请在手机上操作</h2>
<p role="status">手机已连接，手机完成后本页会自动继续。</p>
<?cs else ?>
<h2 id="handover-title">请用手机扫码</h2>
<?cs if:Handover.sent ?><p role="status">短信已发到责任人手机 <span class="nobreak"><?cs var:Handover.telephone ?></span>，也可以扫码。</p><?cs /if ?>
<?cs if:Handover.path ?><svg class="qr" viewBox="0 0 <?cs var:Handover.size ?> <?cs var:Handover.size ?>" role="img" aria-label="用手机扫描的二维码"><path d="<?cs var:Handover.path ?>"/></svg><?cs /if ?>
<?cs if:Handover.url ?>
<p>用微信或手机相机扫码，也可以在手机浏览器里打开：<br><a class="mono" href="<?cs var:Handover.url ?>"><?cs var:Handover.url ?></a></p>
<p class="hint"><?cs var:Handover.until ?> 前有效，只能用一次。不要发给别人。手机完成后本页会自动继续。</p>
<?cs else ?>
<p>这个二维码已不能显示，请重新生成。</p>
<?cs /if ?>
<?cs /if ?>
<form method="post" action="<?cs var:Handover.action ?>" novalidate>
<?cs call:csrf() ?>
<div class="two">
<button class="btn second" type="submit" name="action" value="show">换一个二维码</button>
<button class="btn second" type="submit" name="action" value="cancel">取消</button>
</div>
</form>
</section>
<?cs elif:Handover.state == "none" ?>
<?cs if:Handover.phone_cancelled ?><p class="note warn" role="status">手机上已取消，可以在电脑上继续，或者重新显示二维码。</p><?cs elif:Handover.expired ?><p class="note warn" role="status">二维码已过期，要用手机办请重新显示。</p><?cs /if ?>
<?cs if:Field.handover.error ?><p class="note warn" role="status" id="handover"><?cs var:Field.handover.error ?></p><?cs /if ?>
<section class="card hand wide-only">
<h2>用手机继续</h2>
<p><?cs if:Handover.company ?>这一步要责任人本人办。让责任人扫码，或发短信链接给他，在手机上完成后本页会自动继续。<?cs else ?>用手机拍照、录像更清楚。扫码后在手机上完成，本页会自动继续。<?cs /if ?></p>
<?cs call:show_code() ?>
</section>
<details class="more narrow-only">
<summary>用另一部手机继续</summary>
<div>
<p>显示二维码，用另一部手机扫码拍摄，完成后本页会自动继续。</p>
<?cs call:show_code() ?>
</div>
</details>
<?cs /if ?>

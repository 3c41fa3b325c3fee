<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<section class="card state">
<?cs if:Handover.state == "next" || Handover.state == "back" ?>
<span class="badge good" aria-hidden="true"><svg viewBox="0 0 24 24"><path d="m5 12.500 4.500 4.500L19 7.500"/></svg></span>
<h1><?cs var:Page.heading ?></h1>
<p role="status"><?cs if:Car.company ?><strong><?cs var:Car.company ?></strong><?cs if:#Car.count > #0 ?>（<?cs var:Car.count ?> 辆车）<?cs /if ?><?cs else ?><?cs var:Car.brand ?> <?cs var:Car.model ?>（车架号 <span class="mono nobreak"><?cs var:Car.vin ?></span>）<?cs /if ?>：电脑上会自动继续。</p>
<?cs if:Next.url ?>
<p>也可以接着在手机上办下一项：</p>
<p><a class="btn" href="<?cs var:Next.url ?>"><?cs var:Next.text ?></a></p>
<?cs else ?>
<p>下一项要在电脑上填写。轮到拍摄时，本页会告诉您。</p>
<?cs /if ?>
<?cs each:again = Again ?>
<p><a class="btn second" href="<?cs var:again.url ?>"><?cs var:again.text ?></a></p>
<?cs /each ?>
<?cs call:action_form("cancel", "取消，不再用这部手机", "btn second") ?>
<?cs else ?>
<span class="badge wait" aria-hidden="true"></span>
<h1><?cs var:Page.heading ?></h1>
<?cs if:Handover.state == "desk_cancelled" ?>
<p>电脑上已取消用手机办理，或换了新的二维码。已经拍好的内容都还在。</p>
<?cs elif:Handover.state == "phone_cancelled" ?>
<p>已取消在手机上办理，请回到电脑继续。已经拍好的内容都还在。</p>
<?cs elif:Handover.state == "submitted" ?>
<p>这笔申请已在电脑上提交，手机上不用再办。</p>
<?cs else ?>
<p>二维码或链接只能用一次，15 分钟内有效。请在电脑上重新显示二维码，再扫一次。</p>
<?cs /if ?>
<p><a href="/">回到首页</a></p>
<?cs /if ?>
</section>
<?cs include!"_foot.cs" ?>

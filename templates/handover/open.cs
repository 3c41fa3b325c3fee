<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<section class="card state">
<h1><?cs var:Page.heading ?></h1>
<p>您正在为<?cs if:Car.company ?><strong><?cs var:Car.company ?></strong><?cs if:#Car.count > #0 ?>（<?cs var:Car.count ?> 辆车）<?cs /if ?><?cs else ?><strong><?cs var:Car.brand ?> <?cs var:Car.model ?></strong>（车架号 <span class="mono nobreak"><?cs var:Car.vin ?></span>）<?cs /if ?>办理，如非本人发起请关闭。</p>
<p>在这部手机上只拍证件、录像，其他内容仍在电脑上填写。</p>
<?cs call:form_open() ?>
<?cs call:submit("继续") ?>
</form>
</section>
<?cs include!"_foot.cs" ?>

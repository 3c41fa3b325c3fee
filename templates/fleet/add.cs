<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p><?cs var:Company.name ?> 名下现在有 <strong><?cs var:Cars.all ?></strong> 辆车。</p>
<?cs include!"_vehicle.cs" ?>
<p class="links"><a href="/fleet">返回企业首页</a></p>
<?cs include!"_foot.cs" ?>

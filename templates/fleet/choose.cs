<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead">登录的手机号 <span class="nobreak"><?cs var:Phone.masked ?></span></p>
<?cs if:Companies.count != "0" ?>
<ul class="tiles">
<?cs each:one = Companies ?>
<?cs if:one.member ?>
<li class="card">
<h2><?cs var:one.name ?></h2>
<p>统一社会信用代码 <span class="mono"><?cs var:one.code ?></span></p>
<?cs if:one.here ?>
<p class="note">正在为这家企业办理</p>
<a class="btn second" href="/fleet">返回这家企业<span class="hide"> <?cs var:one.name ?></span></a>
<?cs elif:one.active ?>
<form method="post" action="/fleet/choose" novalidate>
<?cs call:csrf() ?>
<button class="btn" type="submit" name="member" value="<?cs var:one.member ?>">进入<span class="hide"> <?cs var:one.name ?></span></button>
</form>
<?cs else ?>
<p class="note warn">工作人员正在核实您是不是这家企业的经办人，结果会用短信通知您</p>
<?cs /if ?>
</li>
<?cs /if ?>
<?cs /each ?>
</ul>
<?cs else ?>
<section class="card">
<p>没有哪家企业登记了这个手机号。</p>
<p>请按您的情况办理：</p>
<ol class="nums">
<li>您的单位已经有管理员：请管理员登录后，在“管理员”里添加您的手机号</li>
<li>单位的车由汽车厂家统一登记过：请拨打客服电话 <a class="nobreak" href="tel:<?cs var:Site.hotline ?>"><?cs var:Site.hotline ?></a>，核对登记的联系人</li>
<li>都不是：请准备好单位的营业执照，自己开通</li>
</ol>
<a class="btn" href="/fleet/open/notice">用营业执照开通企业</a>
</section>
<?cs /if ?>
<?cs if:Companies.count != "0" ?>
<p class="links"><a href="/fleet/open/notice">开通另一家企业</a></p>
<?cs /if ?>
<form method="post" action="/records/leave" novalidate>
<?cs call:csrf() ?>
<button class="btn second" type="submit">退出登录</button>
</form>
<?cs include!"_foot.cs" ?>

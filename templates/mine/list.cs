<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead">手机号 <span class="nobreak"><?cs var:Phone.masked ?></span> 办理时留下的信息，新的在前。您可以查看、下载、更正和删除。</p>
<?cs if:!Items.count || Items.count == "0" ?>
<section class="card state">
<p class="state-title">没有保存您的信息</p>
<p>这个手机号没有办理过，或者信息已经删除。</p>
</section>
<?cs /if ?>
<?cs each:item = Items ?>
<?cs if:item.id ?>
<article class="card record">
<h2><?cs var:item.kind ?><?cs if:item.draft ?><span class="tag wait">未提交</span><?cs /if ?></h2>
<dl class="rows">
<div><dt>编号</dt><dd class="mono"><?cs var:item.number ?></dd></div>
<?cs if:item.vin ?><div><dt>车架号</dt><dd class="mono"><?cs var:item.vin ?></dd></div><?cs /if ?>
<div><dt>时间</dt><dd><?cs var:item.time ?></dd></div>
<div><dt>保存到</dt><dd><?cs var:item.until ?></dd></div>
</dl>
<a class="btn second" href="/mine/item/<?cs var:item.id ?>">看看保存了什么<span class="hide"> <?cs var:item.number ?></span></a>
</article>
<?cs /if ?>
<?cs /each ?>
<?cs if:Mine.previous || Mine.next ?>
<p><?cs if:Mine.previous ?><a class="btn second" href="<?cs var:Mine.previous ?>">上一页</a><?cs /if ?><?cs if:Mine.next ?><a class="btn second" href="<?cs var:Mine.next ?>">下一页</a><?cs /if ?></p>
<?cs /if ?>
<?cs if:Items.count && Items.count != "0" ?>
<section class="card">
<h2>下载一份</h2>
<p>一个压缩包，里面是文字（JSON）、照片和录像，没有水印，请妥善保管。每天最多 <?cs var:Copies.day ?> 次。<?cs if:!Items.open ?>下载前要核对证件号码的后 4 位。<?cs /if ?></p>
<form method="post" action="/mine/download" novalidate>
<?cs call:csrf() ?>
<button class="btn" type="submit">下载我的信息</button>
</form>
</section>
<?cs /if ?>
<form method="post" action="/records/leave" novalidate>
<?cs call:csrf() ?>
<button class="btn second" type="submit">退出</button>
</form>
<?cs include!"_foot.cs" ?>

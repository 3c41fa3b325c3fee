<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead">手机号 <span class="nobreak"><?cs var:Phone.masked ?></span> 的办理记录，新的在前。</p>
<?cs if:!Items.count || Items.count == "0" ?>
<section class="card state">
<svg class="ico none" viewBox="0 0 24 24" aria-hidden="true"><path d="M6 3h12v18H6zM9.500 8h5M9.500 12h5M9.500 16h3"/></svg>
<p class="state-title">还没有办理记录</p>
<p>用这个手机号办理后，进度和结果会显示在这里。</p>
<a class="btn" href="/register/notice">去办理实名认证</a>
</section>
<?cs /if ?>
<?cs each:item = Items ?>
<?cs if:item.number ?>
<article class="card record">
<h2><?cs var:item.kind ?><?cs if:item.draft ?><span class="tag wait">未提交</span><?cs /if ?></h2>
<dl class="rows">
<div><dt>编号</dt><dd class="mono"><?cs var:item.number ?></dd></div>
<?cs if:item.name ?><div><dt>姓名</dt><dd><?cs var:item.name ?></dd></div><?cs /if ?>
<?cs if:item.vin ?><div><dt>车架号</dt><dd class="mono"><?cs var:item.vin ?></dd></div><?cs /if ?>
<div><dt>时间</dt><dd><?cs var:item.time ?></dd></div>
</dl>
<?cs if:item.draft ?>
<p><?cs if:item.until ?>填过的内容保存到 <?cs var:item.until ?>，可以接着办。<?cs /if ?></p>
<form method="post" action="/records/continue" novalidate>
<?cs call:csrf() ?>
<input type="hidden" name="number" value="<?cs var:item.number ?>">
<button class="btn" type="submit">继续办理<span class="hide"> <?cs var:item.number ?></span></button>
</form>
<?cs else ?>
<ul class="cards">
<?cs each:card = item.Cards ?>
<li class="<?cs if:card.tone == "good" ?>good<?cs elif:card.tone == "bad" ?>bad<?cs else ?>wait<?cs /if ?>">
<p><span>卡号末四位 <strong class="mono"><?cs var:card.tail ?></strong></span> <span class="tag <?cs if:card.tone == "good" ?>good<?cs elif:card.tone == "bad" ?>bad<?cs else ?>wait<?cs /if ?>"><?cs var:card.state ?></span></p>
<?cs if:card.reason ?><p>原因：<?cs var:card.reason ?></p><?cs /if ?>
<?cs if:card.next ?><p class="muted"><?cs var:card.next ?></p><?cs /if ?>
</li>
<?cs /each ?>
</ul>
<?cs /if ?>
</article>
<?cs /if ?>
<?cs /each ?>
<p><a href="/mine">我的信息：查看、下载、更正和删除</a></p>
<form method="post" action="/records/leave" novalidate>
<?cs call:csrf() ?>
<button class="btn second" type="submit">退出查询</button>
</form>
<?cs include!"_foot.cs" ?>

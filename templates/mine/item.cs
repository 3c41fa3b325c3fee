<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<?cs def:own_form(path, label, look) ?>
<form method="post" action="<?cs var:path ?>" novalidate>
<?cs call:csrf() ?>
<input type="hidden" name="id" value="<?cs var:Own.id ?>">
<button class="<?cs var:look ?>" type="submit"><?cs var:label ?></button>
</form>
<?cs /def ?>
<h1><?cs var:Page.heading ?></h1>
<section class="card">
<dl class="rows">
<div><dt>受理编号</dt><dd class="mono"><?cs var:Own.number ?></dd></div>
<div><dt>时间</dt><dd><?cs var:Own.time ?></dd></div>
<?cs if:Own.until ?><div><dt>保存到</dt><dd><?cs var:Own.until ?></dd></div><?cs /if ?>
</dl>
<p><?cs var:Own.why ?>。</p>
<?cs if:!Own.open ?>
<a class="btn" href="/mine/proof?item=<?cs var:Own.id ?>">核对证件号码，查看照片和办理</a>
<?cs /if ?>
</section>
<section class="card">
<h2>填写的内容</h2>
<dl class="rows">
<?cs each:row = Rows ?>
<?cs if:row.label ?><div><dt><?cs var:row.label ?></dt><dd><?cs var:row.value ?></dd></div><?cs /if ?>
<?cs /each ?>
</dl>
<p class="hint">页面上只显示一部分，完整的内容在下载里。</p>
</section>
<?cs if:Files.0.label ?>
<section class="card">
<h2>照片和录像</h2>
<dl class="rows">
<?cs each:file = Files ?>
<?cs if:file.label ?><div><dt><?cs var:file.label ?></dt><dd><?cs var:file.time ?>，<?cs var:file.size ?><br><?cs var:file.until ?></dd><?cs if:file.url ?><dd class="act"><a href="<?cs var:file.url ?>">查看<span class="hide"><?cs var:file.label ?>，<?cs var:file.time ?></span></a></dd><?cs /if ?></div><?cs /if ?>
<?cs /each ?>
</dl>
</section>
<?cs /if ?>
<section class="card">
<h2>提供给了谁</h2>
<?cs if:Cards.0.tail ?>
<dl class="rows">
<?cs each:card = Cards ?>
<?cs if:card.tail ?><div><dt>尾号 <?cs var:card.tail ?></dt><dd><?cs var:card.carrier ?>：<?cs if:card.given ?><?cs var:card.given ?> 提供<?cs else ?>没有提供<?cs /if ?>（<?cs var:card.state ?>）</dd></div><?cs /if ?>
<?cs /each ?>
</dl>
<?cs /if ?>
<p class="hint">登记信息提供给这张卡的运营商，由它报送工业和信息化部车联网卡监管平台。识别证件和核验人脸时，照片和录像交给身份核验服务机构，只用于当次核验。</p>
</section>
<?cs if:Checks.0.kind ?>
<section class="card">
<h2>做过的核验</h2>
<dl class="rows">
<?cs each:check = Checks ?>
<?cs if:check.kind ?><div><dt><?cs var:check.kind ?></dt><dd><?cs var:check.state ?>，<?cs var:check.time ?></dd></div><?cs /if ?>
<?cs /each ?>
</dl>
</section>
<?cs /if ?>
<?cs if:Consents.0.title ?>
<section class="card">
<h2>您同意过的文本</h2>
<ul class="dots">
<?cs each:consent = Consents ?>
<?cs if:consent.title ?><li><?cs var:consent.title ?>（版本 <?cs var:consent.version ?>），<?cs var:consent.given ?> 同意<?cs if:consent.withdrawn ?>，<?cs var:consent.withdrawn ?> 撤回<?cs /if ?></li><?cs /if ?>
<?cs /each ?>
</ul>
</section>
<?cs /if ?>
<?cs if:Corrections.0.number ?>
<section class="card">
<h2>更正申请</h2>
<dl class="rows">
<?cs each:one = Corrections ?>
<?cs if:one.number ?><div><dt><?cs var:one.field ?></dt><dd>编号 <span class="mono"><?cs var:one.number ?></span>，<?cs var:one.time ?><br><?cs if:one.answer ?>答复：<?cs var:one.answer ?><?cs else ?>正在处理，最长 15 个工作日答复<?cs /if ?></dd></div><?cs /if ?>
<?cs /each ?>
</dl>
</section>
<?cs /if ?>
<section class="card">
<h2>您可以</h2>
<?cs call:own_form("/mine/download", "下载这一份", "btn second") ?>
<?cs if:Own.reason == "registered" ?>
<p>内容有错可以申请更正。</p>
<a class="btn second" href="/mine/correct?item=<?cs var:Own.id ?>">申请更正</a>
<?cs /if ?>
<?cs if:Own.face ?>
<p>您同意过处理人脸信息，可以撤回。</p>
<?cs call:own_form("/mine/withdraw", "撤回人脸信息的同意", "btn second") ?>
<?cs /if ?>
<?cs if:Own.reason == "draft" || Own.reason == "refused" ?>
<p>不想再保存，可以现在就删除。</p>
<?cs call:own_form("/mine/delete", "删除这些信息", "btn second") ?>
<?cs elif:Own.reason == "registered" ?>
<p>现在不能删除：卡还在使用。注销后再保存两年，到期自动删除。</p>
<a class="btn second" href="/cancel/notice">去注销</a>
<?cs elif:Own.reason == "disputed" ?>
<p>现在不能删除：投诉或者报告还要处理。有疑问可以到“投诉举报”写给我们。</p>
<?cs elif:Own.reason == "ended" ?>
<p>现在不能删除，<?cs var:Own.until ?> 自动删除，不用您再来办理。</p>
<?cs else ?>
<p>正在办理，有结果后可以在这里删除，或看到保存到哪一天。</p>
<?cs /if ?>
</section>
<?cs include!"_foot.cs" ?>

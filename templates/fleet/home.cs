<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead">统一社会信用代码 <span class="mono nobreak"><?cs var:Company.code ?></span>，登录的手机号 <span class="nobreak"><?cs var:Phone.masked ?></span></p>
<?cs if:!Company.trusted ?>
<p class="note warn">企业第一次提交的办理，由工作人员核对材料后再送到运营商，一般一个工作日。</p>
<?cs /if ?>
<?cs if:Drafts.0.number ?>
<section class="card" aria-labelledby="drafts">
<h2 id="drafts">还没有提交的</h2>
<ul class="owned">
<?cs each:one = Drafts ?>
<?cs if:one.number ?>
<li>
<span><strong><?cs var:one.title ?></strong><small>编号 <span class="mono"><?cs var:one.number ?></span>，已选 <?cs var:one.cars ?> 辆车，填过的内容保存到 <?cs var:one.until ?></small></span>
<form method="post" action="/fleet/continue" novalidate>
<?cs call:csrf() ?>
<button class="btn small" type="submit" name="number" value="<?cs var:one.number ?>">继续办理<span class="hide"> <?cs var:one.number ?></span></button>
</form>
</li>
<?cs /if ?>
<?cs /each ?>
</ul>
</section>
<?cs /if ?>
<?cs if:Flows.0.slug ?>
<ul class="tiles">
<?cs each:one = Flows ?>
<?cs if:one.slug ?>
<li>
<a class="tile" href="/<?cs var:one.slug ?>/<?cs var:one.first ?>">
<span><strong><?cs var:one.title ?></strong><small><?cs if:one.kind == "register" ?>给单位名下的车登记，一次可以选很多辆<?cs elif:one.kind == "cancel" ?>报废或收回的车，取消原来的登记<?cs elif:one.kind == "update" ?>原来的责任人离开了，换一位责任人<?cs /if ?></small></span>
</a>
</li>
<?cs /if ?>
<?cs /each ?>
</ul>
<?cs /if ?>
<section class="card" aria-labelledby="cars">
<h2 id="cars">单位的车</h2>
<dl class="rows">
<div><dt>一共</dt><dd><strong><?cs var:Cars.all ?></strong> 辆</dd></div>
<div><dt>已登记</dt><dd><?cs var:Cars.registered ?> 辆</dd></div>
<?cs if:Cars.part != "0" ?><div><dt>部分卡已登记</dt><dd><?cs var:Cars.part ?> 辆</dd></div><?cs /if ?>
<div><dt>正在办理</dt><dd><?cs var:Cars.busy ?> 辆</dd></div>
<div><dt>未登记</dt><dd><?cs var:Cars.free ?> 辆</dd></div>
</dl>
<p class="links"><a href="/fleet/add">添加车辆</a></p>
</section>
<h2 class="over" id="batches">实名记录</h2>
<?cs if:Batches.count == "0" ?>
<p class="card">还没有提交过。提交后，每一批的进度和结果显示在这里。</p>
<?cs else ?>
<table class="records" aria-labelledby="batches">
<thead>
<tr><th scope="col">业务类型</th><th scope="col">编号</th><th scope="col">提交时间</th><th scope="col">车和卡</th><th scope="col">结果</th></tr>
</thead>
<?cs each:one = Batches ?>
<?cs if:one.number ?>
<tbody class="card">
<tr>
<td data-label="业务类型"><strong><?cs var:one.title ?></strong></td>
<td data-label="编号"><a class="mono" href="/fleet/batch/<?cs var:one.number ?>"><?cs var:one.number ?></a></td>
<td data-label="提交时间"><?cs var:one.time ?></td>
<td data-label="车和卡"><?cs if:one.cars ?><?cs var:one.cars ?><?cs else ?>0<?cs /if ?> 辆，<?cs if:one.cards ?><?cs var:one.cards ?><?cs else ?>0<?cs /if ?> 张卡</td>
<td data-label="结果"><span><?cs if:one.asked ?><span class="tag bad">待补充 <?cs var:one.asked ?> 张</span> <?cs /if ?><?cs if:one.open ?><span class="tag wait">办理中 <?cs var:one.open ?> 张</span> <?cs /if ?><?cs if:one.done ?><span class="tag good">成功 <?cs var:one.done ?> 张</span> <?cs /if ?><?cs if:one.failed ?><span class="tag bad">失败 <?cs var:one.failed ?> 张</span> <?cs /if ?><?cs if:one.withdrawn ?><span class="tag bad">已撤回 <?cs var:one.withdrawn ?> 张</span><?cs /if ?><?cs if:one.asked ?><br><a class="btn small" href="/supplement?number=<?cs var:one.number ?>">补充材料<span class="hide"> <?cs var:one.number ?></span></a><?cs /if ?></span></td>
</tr>
</tbody>
<?cs /if ?>
<?cs /each ?>
</table>
<?cs if:Batches.previous || Batches.next ?>
<nav class="two" aria-label="翻页">
<?cs if:Batches.previous ?><a class="btn second" href="<?cs var:Batches.previous ?>">上一页</a><?cs /if ?>
<?cs if:Batches.next ?><a class="btn second" href="<?cs var:Batches.next ?>">下一页</a><?cs /if ?>
</nav>
<?cs /if ?>
<?cs /if ?>
<p class="links"><a href="/fleet/members">管理员</a> <a href="/fleet/choose">换一家企业</a></p>
<form method="post" action="/records/leave" novalidate>
<?cs call:csrf() ?>
<button class="btn second" type="submit">退出登录</button>
</form>
<?cs include!"_foot.cs" ?>

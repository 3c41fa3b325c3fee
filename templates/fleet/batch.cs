<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead"><?cs var:Batch.title ?>，编号 <span class="mono nobreak"><?cs var:Batch.number ?></span>，<?cs var:Batch.time ?> 提交，<?cs var:Batch.cars ?> 辆车，<?cs var:Batch.cards ?> 张卡。</p>
<?cs if:Batch.open && !Batch.needs_more ?><p class="note" role="status">已受理，稍后可在实名记录中查看<?cs if:Batch.kind == "cancel" ?>注销<?cs elif:Batch.kind == "update" ?>变更<?cs else ?>实名<?cs /if ?>结果。</p><?cs /if ?>
<?cs if:Said.given ?><p class="note" role="status">补充的材料已收到，工作人员会接着审核。</p><?cs /if ?>
<?cs if:Said.withdrawn ?><p class="note" role="status">没有送出的已经撤回。</p><?cs /if ?>
<?cs if:Said.late && !Batch.withdraw ?><p class="note warn" role="status"><?cs if:Batch.sent ?>都已送到运营商，<?cs /if ?>没有可以撤回的。</p><?cs /if ?>
<section class="card" aria-labelledby="counts">
<h2 id="counts" class="hide">进度</h2>
<dl class="counts" aria-live="polite">
<div><dt>待处理</dt><dd data-count="waiting"><?cs var:Count.waiting ?></dd></div>
<div><dt>核验中</dt><dd data-count="review"><?cs var:Count.review ?></dd></div>
<div><dt>推送中</dt><dd data-count="pushing"><?cs var:Count.pushing ?></dd></div>
<div><dt>成功</dt><dd data-count="done"><?cs var:Count.done ?></dd></div>
<div><dt>失败</dt><dd data-count="refused"><?cs var:Count.refused ?></dd></div>
<?cs if:Count.withdrawn != "0" ?><div><dt>已撤回</dt><dd data-count="withdrawn"><?cs var:Count.withdrawn ?></dd></div><?cs /if ?>
</dl>
<p class="hint">以上是卡的张数。</p>
<?cs if:Batch.needs_more ?>
<p class="note warn">工作人员要您补充材料：<?cs var:Batch.asked ?></p>
<?cs elif:Batch.review ?>
<p>工作人员正在核对材料，一般一个工作日。核对通过后自动送到运营商。</p>
<?cs elif:Batch.open ?>
<p>正在送到运营商。这一页自动更新，可以离开，办完时发短信告诉您。</p>
<?cs /if ?>
<?cs if:Batch.retried ?><p class="hint">失败的车都已经重新办理，或者现在不能办理，没有可以重试的。</p><?cs /if ?>
<div class="two">
<?cs if:Batch.needs_more ?><a class="btn" href="/supplement?number=<?cs var:Batch.number ?>">补充材料</a><?cs /if ?>
<?cs if:#Batch.retry_cars > #0 ?>
<form method="post" action="/fleet/batch/<?cs var:Batch.number ?>/retry" novalidate><?cs call:csrf() ?><button class="btn" type="submit">重试失败的 <?cs var:Batch.retry_cars ?> 辆车</button></form>
<?cs /if ?>
<a class="btn second" href="/fleet/batch/<?cs var:Batch.number ?>/result.xlsx">下载结果 XLSX</a>
<a class="btn second" href="/fleet/batch/<?cs var:Batch.number ?>/result.csv">下载结果 CSV</a>
<?cs if:Batch.withdraw ?><a class="btn second" href="/fleet/batch/<?cs var:Batch.number ?>/withdraw">撤回没有送出的</a><?cs /if ?>
</div>
</section>
<h2 class="over" id="cards">每一张卡</h2>
<nav class="links" aria-label="只看">
<?cs each:one = Shows ?>
<?cs if:one.url ?><a href="<?cs var:one.url ?>"<?cs if:one.current ?> aria-current="page"<?cs /if ?>><?cs var:one.label ?></a> <?cs /if ?>
<?cs /each ?>
</nav>
<?cs if:Cards.0.vin ?>
<table class="records list" aria-labelledby="cards">
<thead><tr><th scope="col">车架号</th><th scope="col">车型</th><th scope="col">ICCID</th><th scope="col">状态</th><th scope="col">原因和怎么办</th></tr></thead>
<tbody>
<?cs each:card = Cards ?>
<?cs if:card.vin ?>
<tr>
<td data-label="车架号" class="mono"><?cs var:card.vin ?></td>
<td data-label="车型"><?cs var:card.model ?></td>
<td data-label="ICCID" class="mono"><?cs var:card.iccid ?></td>
<td data-label="状态"><span class="tag <?cs var:card.tone ?>"><?cs var:card.state ?></span></td>
<td data-label="原因"><?cs var:card.reason ?></td>
</tr>
<?cs /if ?>
<?cs /each ?>
</tbody>
</table>
<?cs else ?>
<p class="card">没有这一类的卡。</p>
<?cs /if ?>
<?cs if:Cards.previous || Cards.next ?>
<nav class="two" aria-label="翻页">
<?cs if:Cards.previous ?><a class="btn second" href="<?cs var:Cards.previous ?>">上一页</a><?cs /if ?>
<?cs if:Cards.next ?><a class="btn second" href="<?cs var:Cards.next ?>">下一页</a><?cs /if ?>
</nav>
<?cs /if ?>
<?cs include!"_foot.cs" ?>

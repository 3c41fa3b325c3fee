<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<?cs def:record_form(path, number, label, look) ?>
<form method="post" action="<?cs var:path ?>" novalidate>
<?cs call:csrf() ?>
<input type="hidden" name="number" value="<?cs var:number ?>">
<button class="btn small <?cs var:look ?>" type="submit"><?cs var:label ?><span class="hide"> <?cs var:number ?></span></button>
</form>
<?cs /def ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead">手机号 <span class="nobreak"><?cs var:Phone.masked ?></span> 的办理记录，新的在前。</p>
<?cs if:Records.withdrawn ?>
<p class="note" role="status">已撤回。这次办理不会送到运营商。</p>
<?cs elif:Records.pushed ?>
<p class="note warn" role="status">这次办理现在不能撤回了，请看下面的状态。</p>
<?cs /if ?>
<nav class="two tabs" aria-label="记录的种类">
<a class="btn" href="/records" aria-current="page">个人用户业务</a>
<a class="btn second" href="/fleet">企业用户业务</a>
</nav>
<?cs if:Records.search || Page.error || Items.count > #0 ?>
<details class="more"<?cs if:Records.search || Page.error ?> open<?cs /if ?>>
<summary>按车架号查找</summary>
<?cs if:Records.search ?>
<p>正在显示车架号后 6 位是 <strong class="mono"><?cs var:Records.search ?></strong> 的记录。</p>
<?cs /if ?>
<form method="post" action="/records/search" novalidate>
<?cs call:csrf() ?>
<?cs call:code_field("vin", Field.vin, "车架号", "全部 17 位，或后 6 位。只在您自己的记录里找", "20", "search") ?>
<div class="two">
<button class="btn" type="submit">查找</button>
<?cs if:Records.search ?>
<button class="btn second" type="submit" name="action" value="all">显示全部</button>
<?cs /if ?>
</div>
</form>
</details>
<?cs /if ?>
<?cs if:!Items.count || Items.count == "0" ?>
<section class="card state">
<svg class="ico none" viewBox="0 0 24 24" aria-hidden="true"><path d="M6 3h12v18H6zM9.500 8h5M9.500 12h5M9.500 16h3"/></svg>
<?cs if:Records.search ?>
<p class="state-title">没有这个车架号的记录</p>
<p>请核对车架号，或点“显示全部”。</p>
<?cs else ?>
<p class="state-title">还没有办理记录</p>
<p>用这个手机号办理后，进度和结果会显示在这里。</p>
<a class="btn" href="/register/notice">去办理实名认证</a>
<?cs /if ?>
</section>
<?cs else ?>
<table class="records">
<caption class="hide">办理记录，新的在前</caption>
<thead>
<tr><th scope="col">业务类型</th><th scope="col">姓名</th><th scope="col">车架号</th><th scope="col">ICCID</th><th scope="col">状态</th><th scope="col">失败原因</th><th scope="col">操作人</th><th scope="col">办理时间</th><th scope="col">可以做什么</th></tr>
</thead>
<?cs each:item = Items ?>
<?cs if:item.number ?>
<tbody class="card">
<?cs each:card = item.Cards ?>
<?cs if:card.row ?>
<tr>
<td data-label="业务类型"<?cs if:card.more ?> class="same"<?cs /if ?>><span><strong><?cs var:item.kind ?></strong><br><small class="muted">编号 <span class="mono"><?cs var:item.number ?></span></small></span></td>
<td data-label="姓名"<?cs if:card.more ?> class="same"<?cs /if ?>><?cs var:item.name ?></td>
<td data-label="车架号" class="mono<?cs if:card.more ?> same<?cs /if ?>"><?cs var:item.vin ?></td>
<td data-label="ICCID"><?cs if:card.tail ?><span>末四位 <strong class="mono"><?cs var:card.tail ?></strong></span><?cs /if ?></td>
<td data-label="状态"><span><?cs if:item.draft ?><span class="tag wait">未提交</span><br><small class="muted">填过的内容保存到 <?cs var:item.until ?></small><?cs else ?><span class="tag <?cs if:card.tone == "good" ?>good<?cs elif:card.tone == "bad" ?>bad<?cs else ?>wait<?cs /if ?>"><?cs var:card.state ?></span><?cs if:card.next ?><br><small class="muted"><?cs var:card.next ?></small><?cs /if ?><?cs /if ?></span></td>
<td data-label="失败原因"><?cs if:card.reason ?><span><span class="hide">原因：</span><?cs var:card.reason ?></span><?cs /if ?></td>
<td data-label="操作人"<?cs if:card.more ?> class="same"<?cs /if ?>><?cs var:item.operator ?></td>
<td data-label="办理时间"<?cs if:card.more ?> class="same"<?cs /if ?>><?cs var:item.time ?></td>
<?cs if:!card.last ?>
<td></td>
<?cs else ?>
<td class="act">
<?cs if:item.draft ?>
<?cs call:record_form("/records/continue", item.number, "继续办理", "") ?>
<?cs else ?>
<?cs if:item.supplement_url ?>
<a class="btn" href="<?cs var:item.supplement_url ?>">补充材料<span class="hide"> <?cs var:item.number ?></span></a>
<?cs /if ?>
<?cs if:item.retry ?><?cs call:record_form("/records/retry", item.number, "重新办理", "") ?><?cs /if ?>
<p><a href="/records/receipt/<?cs var:item.number ?>">凭证<span class="hide"> <?cs var:item.number ?></span></a><?cs if:item.withdraw ?> <a href="/records/withdraw/<?cs var:item.number ?>">撤回<span class="hide"> <?cs var:item.number ?></span></a><?cs /if ?> <a href="/records/misuse/<?cs var:item.number ?>"><?cs if:item.report ?>已报告不是我办的<?cs else ?>不是我办的<?cs /if ?><span class="hide"> <?cs var:item.number ?></span></a></p>
<?cs /if ?>
</td>
<?cs /if ?>
</tr>
<?cs /if ?>
<?cs /each ?>
</tbody>
<?cs /if ?>
<?cs /each ?>
</table>
<?cs /if ?>
<?cs if:Records.previous || Records.next ?>
<nav class="two" aria-label="翻页">
<?cs if:Records.previous ?><a class="btn second" href="<?cs var:Records.previous ?>">上一页</a><?cs /if ?>
<?cs if:Records.next ?><a class="btn second" href="<?cs var:Records.next ?>">下一页</a><?cs /if ?>
</nav>
<?cs /if ?>
<p class="links"><a href="/records/older"><?cs if:Records.older ?>已显示 90 天前的记录，还有别的证件<?cs else ?>查看 90 天前的记录<?cs /if ?></a> <a href="/mine">我的信息：查看、下载、更正和删除</a></p>
<form method="post" action="/records/leave" novalidate>
<?cs call:csrf() ?>
<button class="btn second" type="submit">退出查询</button>
</form>
<?cs include!"_foot.cs" ?>

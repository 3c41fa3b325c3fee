<?cs include!"_head.cs" ?>
<p class="screen-only"><button class="btn" type="button" hidden data-print>打印</button></p>
<p class="hint screen-only">也可以用浏览器的“打印”，选“另存为 PDF”。空着的横线请手写。</p>
<article class="card paper">
<h1>单位授权书</h1>
<p><?cs var:Letter.automaker ?>：</p>
<p>我单位 <strong><?cs var:Letter.company ?></strong>（统一社会信用代码 <span class="mono"><?cs var:Letter.code ?></span>），<?cs if:Letter.address ?>地址 <?cs var:Letter.address ?>，<?cs /if ?>现授权下列人员为我单位车联网卡的实名登记责任人，办理车联网卡<strong><?cs var:Letter.business ?></strong>手续。</p>
<dl class="rows">
<div><dt>责任人姓名</dt><dd><?cs if:Letter.person ?><?cs var:Letter.person ?><?cs else ?><span class="blank"></span><?cs /if ?></dd></div>
<div><dt>证件号码</dt><dd><?cs if:Letter.number ?><span class="mono"><?cs var:Letter.number ?></span><?cs else ?><span class="blank"></span><?cs /if ?></dd></div>
<div><dt>联系电话</dt><dd><?cs if:Letter.telephone ?><?cs var:Letter.telephone ?><?cs else ?><span class="blank"></span><?cs /if ?></dd></div>
<div><dt>批次编号</dt><dd><span class="mono"><?cs var:Letter.batch ?></span><?cs if:#Letter.cars > #0 ?>，共 <?cs var:Letter.cars ?> 辆车，车架号以网上提交的清单为准<?cs /if ?></dd></div>
</dl>
<p>责任人在授权范围内办理的手续，我单位均予承认。我单位负责这些车联网卡的分配和使用管理，如实记录实际使用人；车辆转让、报废或更换车载终端时，及时办理过户或注销。</p>
<p>授权期限：自签署之日起，至本批次办理完毕之日止。</p>
<div class="signs">
<p>法定代表人（签字）：<span class="blank"></span></p>
<p>责任人（签字）：<span class="blank"></span></p>
<p>单位（公章）：<span class="blank"></span></p>
<p>日期：<span class="blank short"></span>年<span class="blank shorter"></span>月<span class="blank shorter"></span>日</p>
</div>
</article>
<?cs include!"_foot.cs" ?>

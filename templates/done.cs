<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<section class="card state finish">
<span class="badge good" aria-hidden="true"><svg viewBox="0 0 24 24"><path d="m5 12.500 4.500 4.500L19 7.500"/></svg></span>
<h1><?cs var:Page.heading ?></h1>
<?cs if:Application.review ?>
<p><?cs if:Application.manual ?>您选择了不用人脸、人工审核。<?cs /if ?>您的申请要由工作人员审核，一般一个工作日内出结果，短信通知 <span class="nobreak"><strong><?cs var:Phone.masked ?></strong>。</span></p>
<?cs else ?>
<p>一般 10 分钟内出结果，短信通知 <span class="nobreak"><strong><?cs var:Phone.masked ?></strong>。</span></p>
<?cs /if ?>
<dl class="rows">
<div><dt>受理编号</dt><dd class="mono"><?cs var:Application.number ?></dd></div>
<div><dt>提交时间</dt><dd><?cs var:Application.time ?></dd></div>
<?cs each:card = Cards ?>
<?cs if:card.tail ?>
<div><dt>尾号 <?cs var:card.tail ?></dt><dd><?cs var:card.state ?></dd></div>
<?cs /if ?>
<?cs /each ?>
</dl>
<a class="btn" href="/records">查看记录</a>
<button class="btn second" type="button" hidden data-print>保存凭证（打印）</button>
<p class="hint paperless">可以截屏保存这一页，凭受理编号查询。</p>
</section>
<section class="card screen">
<h2>接下来会怎样</h2>
<ol class="nums">
<?cs if:Application.review ?>
<li>工作人员核对您提交的资料</li>
<?cs /if ?>
<li><?cs if:Flow.kind == "cancel" ?>信息送运营商，运营商确认后登记才取消，车上的联网功能停用<?cs elif:Flow.kind == "update" ?>信息送运营商，运营商确认后变更生效，车上的功能照常使用<?cs else ?>信息送运营商核验，通过后开通车上的功能<?cs /if ?></li>
<li>有结果就发短信告诉您，也可以随时在记录里查看</li>
</ol>
<form method="post" action="/<?cs var:Flow.slug ?>/notice" novalidate>
<?cs call:csrf() ?>
<button class="link" type="submit"><?cs if:Flow.kind == "cancel" ?>再注销一辆车<?cs elif:Flow.kind == "update" ?>再变更一辆车<?cs else ?>再登记一辆车<?cs /if ?></button>
</form>
</section>
<?cs include!"_foot.cs" ?>

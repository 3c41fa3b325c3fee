<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<section class="card record">
<h2><?cs var:Complaint.kind ?> <span class="tag <?cs var:Complaint.tone ?>"><?cs var:Complaint.state ?></span></h2>
<dl class="rows">
<div><dt>投诉编号</dt><dd class="mono"><?cs var:Complaint.number ?></dd></div>
<div><dt>提交时间</dt><dd><?cs var:Complaint.time ?></dd></div>
<?cs if:Complaint.answered ?>
<div><dt>答复时间</dt><dd><?cs var:Complaint.answered ?></dd></div>
<?cs /if ?>
</dl>
<?cs if:Complaint.answer ?>
<h2>答复</h2>
<p class="what said"><?cs var:Complaint.answer ?></p>
<?cs elif:Complaint.cleared ?>
<p class="what">答复已满两年，内容已按规定清除。</p>
<?cs /if ?>
<p><?cs var:Complaint.next ?></p>
</section>
<?cs if:!Complaint.answered ?>
<p class="note"><strong>请记下投诉编号，或截屏保存。</strong><?cs if:Complaint.phone ?>有了答复会发短信通知您，也可以凭编号和手机号后 4 位来查。<?cs else ?>您没有留手机号，我们没法联系您，请凭编号来查。<?cs /if ?></p>
<?cs /if ?>
<p><a class="btn second" href="/complaint/follow">查询其他投诉</a></p>
<?cs include!"_foot.cs" ?>

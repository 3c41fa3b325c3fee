<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<?cs if:Record.report ?>
<p class="note" role="status">报告编号 <strong class="mono"><?cs var:Record.report ?></strong>。<?cs if:Record.closed ?>工作人员已经处理完；还有疑问，来电时请报这个编号。<?cs else ?>请截屏或抄下，来电时报这个编号。<?cs /if ?></p>
<?cs /if ?>
<div class="card">
<?cs include!"records/_summary.cs" ?>
</div>
<?cs if:!Record.closed ?>
<section class="card">
<h2>接下来会怎样</h2>
<ol class="nums">
<li>工作人员核对这次办理的资料，一个工作日内用这个手机号联系您</li>
<li>确认被冒用的，撤销这次办理；已登记的，请运营商取消登记</li>
<li>这次办理的资料只用于核实，按规定的期限保存</li>
</ol>
<?cs if:!Record.report ?>
<p class="hint">家人或 4S 店帮您办的，请先问清楚再报告。</p>
<?cs call:form_open() ?>
<button class="btn danger" type="submit">报告不是我办的</button>
</form>
<?cs /if ?>
</section>
<?cs /if ?>
<?cs if:Record.withdraw ?>
<p class="note warn">这次办理还没有送到运营商，<a href="/records/withdraw/<?cs var:Record.number ?>">现在就可以撤回</a>。</p>
<?cs /if ?>
<p class="links"><a href="/records">返回记录</a></p>
<?cs include!"_foot.cs" ?>

<p class="lead">请拿出行驶证，照着填写。</p>
<?cs if:Vin.suggestion ?>
<div class="note warn">
<p>车架号不含字母 I、O、Q。您是不是想输入：<br><strong class="mono"><?cs var:Vin.suggestion ?></strong></p>
<form method="post" action="<?cs var:Page.action ?>" novalidate>
<?cs call:csrf() ?>
<input type="hidden" name="vin" value="<?cs var:Vin.suggestion ?>">
<input type="hidden" name="proof" value="<?cs var:Field.proof.value ?>">
<button class="btn second" type="submit">是的，用这个车架号</button>
</form>
</div>
<?cs /if ?>
<?cs if:Vin.check_hint ?>
<p class="note warn" role="status">这个车架号的校验位不符，请对照行驶证再核对一遍。核对无误请点“下一步”。</p>
<?cs /if ?>
<div class="card">
<?cs call:form_open() ?>
<?cs call:code_field("vin", Field.vin, "车架号", "共 17 位，在行驶证“车辆识别代号”一栏", "24", "next") ?>
<?cs call:code_field("proof", Field.proof, "发动机号后 6 位", "在行驶证“发动机号码”一栏；纯电动车填电动机号的后 6 位", "8", "done") ?>
<?cs call:submit("下一步") ?>
</form>
</div>

<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead">受理编号 <span class="mono"><?cs var:Confirm.number ?></span></p>
<section class="card">
<h2>登记信息怎么更正</h2>
<p>登记信息要和证件一致，已经报送运营商，所以更正要重新核对证件：</p>
<ul class="dots">
<?cs if:Update.url ?><li><a href="<?cs var:Update.url ?>">在线变更登记信息</a>，用新的证件照片办理</li><?cs /if ?>
<li>带证件到购车的 4S 店办理</li>
</ul>
<p>也可以在下面写明哪一项不对，工作人员核对后答复您，最长 15 个工作日。</p>
</section>
<section class="card">
<?cs call:form_open() ?>
<fieldset class="field<?cs if:Field.field.error ?> bad<?cs /if ?>">
<legend>哪一项不对</legend>
<?cs call:field_error("field", Field.field) ?>
<?cs each:choice = Choices ?>
<label class="pick"><input type="radio" name="field" value="<?cs var:choice.field ?>"<?cs if:name(choice) == "0" ?> id="field"<?cs /if ?><?cs if:choice.on ?> checked<?cs /if ?>><span><?cs var:choice.label ?></span></label>
<?cs /each ?>
</fieldset>
<?cs call:text_field("wanted", Field.wanted, "正确的内容", "照证件填写", "text", "text", "off", "100", "done") ?>
<?cs call:submit("提交更正申请") ?>
</form>
</section>
<?cs include!"_foot.cs" ?>

<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<?cs if:Identity.manual ?>
<p class="note warn">请照着证件填写。手动填写的信息会由工作人员审核，一般一个工作日内短信告知结果。</p>
<?cs elif:Identity.read ?>
<p class="note warn">识别结果可能有误，请逐项核对，有错就改。</p>
<?cs /if ?>
<div class="card">
<?cs if:Type.label ?>
<p class="kind">证件类型：<strong><?cs var:Type.label ?></strong></p>
<?cs /if ?>
<?cs call:form_open() ?>
<?cs call:text_field("name", Field.name, "姓名", "", "text", "text", "name", "100", "next") ?>
<?cs call:code_field("number", Field.number, "证件号码", "", "24", "next") ?>
<?cs if:Identity.sex || Identity.birth ?>
<dl class="rows known">
<?cs if:Identity.sex ?>
<div><dt>性别</dt><dd><?cs var:Identity.sex ?></dd></div>
<?cs /if ?>
<?cs if:Identity.birth ?>
<div><dt>出生日期</dt><dd><?cs var:Identity.birth ?></dd></div>
<?cs /if ?>
</dl>
<p class="hint">性别和出生日期由证件号码得出，不用填写。</p>
<?cs /if ?>
<div class="field<?cs if:Field.address.error ?> bad<?cs /if ?>">
<?cs call:field_label("address", "住址", "和证件上的住址一致") ?>
<?cs call:field_error("address", Field.address) ?>
<textarea id="address" name="address" rows="2" maxlength="400" autocomplete="street-address"<?cs call:field_described("address", Field.address, "1") ?>><?cs var:Field.address.value ?></textarea>
</div>
<?cs call:text_field("valid_from", Field.valid_from, "证件有效期开始", "例如 2015-08-01", "text", "text", "off", "20", "next") ?>
<?cs call:text_field("valid_until", Field.valid_until, "证件有效期结束", "例如 2035-08-01；长期有效的请勾选下面一项", "text", "text", "off", "20", "done") ?>
<?cs call:tick("long_term", Field.long_term, "证件长期有效") ?>
<?cs if:Identity.telephone ?><?cs call:text_field("telephone", Field.telephone, "责任人手机号", "办理身份验证、接收通知用", "tel", "tel", "off", "20", "done") ?><?cs /if ?>
<?cs call:submit("核对无误，下一步") ?>
</form>
</div>
<?cs include!"_foot.cs" ?>

<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead">登记不是您办的、信息不对，或对服务不满意，都可以在这里告诉我们。不用登录。</p>
<div class="card">
<?cs call:form_open() ?>
<input type="hidden" name="once" value="<?cs var:Complaint.once ?>">
<fieldset class="field<?cs if:Field.kind.error ?> bad<?cs /if ?>"<?cs if:Field.kind.error ?> aria-describedby="kind-error"<?cs /if ?>>
<legend>您要反映的是</legend>
<?cs call:field_error("kind", Field.kind) ?>
<div class="picks">
<?cs each:kind = Kinds ?>
<label class="pick"><input type="radio" id="kind<?cs if:name(kind) != "0" ?>-<?cs var:kind.name ?><?cs /if ?>" name="kind" value="<?cs var:kind.name ?>"<?cs if:kind.checked ?> checked<?cs /if ?>><span><?cs var:kind.label ?></span></label>
<?cs /each ?>
</div>
</fieldset>
<div class="field<?cs if:Field.text.error ?> bad<?cs /if ?>">
<?cs call:field_label("text", "具体情况", "写清时间和经过，10 到 1000 个字；不要写身份证号和密码") ?>
<?cs call:field_error("text", Field.text) ?>
<textarea id="text" name="text" rows="5" maxlength="1000" autocomplete="off"<?cs call:field_described("text", Field.text, "1") ?>><?cs var:Field.text.value ?></textarea>
</div>
<?cs call:text_field("phone", Field.phone, "手机号（选填）", "有了答复用短信通知您；不填我们就没法答复您，只能凭编号自己来查", "tel", "tel", "tel", "20", "next") ?>
<?cs call:code_field("application", Field.application, "受理编号（选填）", "和哪一次办理有关，12 位，在办理结果页上", "20", "done") ?>
<?cs call:submit("提交") ?>
</form>
</div>
<p class="note">您写的内容加密保存，只用来处理这件事，答复两年后清除。</p>
<p><a class="btn second" href="/complaint/follow">已经提交过？查询进度</a></p>
<p class="fact">也可以直接拨打 <a class="nobreak" href="tel:<?cs var:Site.hotline ?>"><?cs var:Site.hotline ?></a>（<?cs var:Site.hours ?>）</p>
<?cs include!"_foot.cs" ?>

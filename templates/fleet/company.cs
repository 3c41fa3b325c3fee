<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<?cs if:!Picture.url ?>
<p class="lead">请上传营业执照、事业单位法人证书或社会团体法人登记证书，名称、代码和地址会自动识别。</p>
<section class="card">
<ul class="tips">
<li>正本副本都可以；复印件要加盖公章</li>
<li>四个角都要拍到，字和二维码要看得清</li>
</ul>
<?cs include!"_paper.cs" ?>
</section>
<?cs elif:Reading.state == "waiting" ?>
<section class="card">
<?cs include!"fleet/_shown.cs" ?>
<?cs call:waiting("文件已上传，正在识别", "一般几秒钟，请稍候。本页会自动更新，离开也不影响。") ?>
</section>
<?cs else ?>
<?cs if:Reading.state == "done" ?>
<p class="note warn">识别结果可能有误，请对照证件逐项核对，有错就改。</p>
<?cs elif:Reading.state == "refused" ?>
<p class="note warn" role="status"><?cs var:Reading.cause ?></p>
<?cs else ?>
<div class="note warn" role="status">
<p>识别服务繁忙。可以照着证件填写，也可以再识别一次。</p>
<?cs call:action_form("retry", "再识别一次", "btn second") ?>
</div>
<?cs /if ?>
<div class="pair">
<section class="card">
<?cs include!"fleet/_shown.cs" ?>
<details class="more"<?cs if:Field.file.error ?> open<?cs /if ?>>
<summary>文件不对？换一个</summary>
<?cs include!"_paper.cs" ?>
</details>
</section>
<section class="card">
<?cs call:form_open() ?>
<fieldset class="field<?cs if:Field.type.error ?> bad<?cs /if ?>" id="type">
<legend>证件类型</legend>
<?cs call:field_error("type", Field.type) ?>
<div class="picks">
<?cs each:type = Types ?>
<label class="pick"><input type="radio" id="type-<?cs var:type.name ?>" name="type" value="<?cs var:type.name ?>"<?cs if:type.checked ?> checked<?cs /if ?>><span><?cs var:type.label ?></span></label>
<?cs /each ?>
</div>
</fieldset>
<?cs call:text_field("name", Field.name, "单位名称", "", "text", "text", "organization", "200", "next") ?>
<?cs call:code_field("code", Field.code, "统一社会信用代码", "18 位数字和字母", "24", "next") ?>
<?cs if:Company.unlikely ?>
<?cs call:tick("sure", Field.sure, "我已核对，类型和代码与证件一致") ?>
<?cs /if ?>
<?cs call:text_field("address", Field.address, "证件上的地址", "住所或地址一栏", "text", "text", "off", "400", "next") ?>
<?cs call:text_field("postal_address", Field.postal_address, "通讯地址", "和证件上的地址一样可以不填", "text", "text", "off", "400", "next") ?>
<?cs call:text_field("valid_from", Field.valid_from, "有效期开始（可以不填）", "例如 2015-08-01", "text", "text", "off", "20", "next") ?>
<?cs call:text_field("valid_until", Field.valid_until, "有效期结束", "例如 2035-08-01；长期有效的请勾选下面一项", "text", "text", "off", "20", "done") ?>
<?cs call:tick("long_term", Field.long_term, "长期有效") ?>
<?cs call:submit("核对无误，保存") ?>
</form>
</section>
</div>
<?cs /if ?>
<?cs include!"_foot.cs" ?>

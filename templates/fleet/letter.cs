<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<?cs if:Letter.differs ?>
<p class="note bad" role="alert">授权书写的是“<?cs var:Letter.named ?>”，责任人身份是“<?cs var:Letter.person ?>”。请换成这位责任人的授权书，或到任务清单修改责任人。</p>
<?cs /if ?>
<section class="card">
<h2>第一步：打印、签字、盖章</h2>
<p>授权书已按企业信息填好。打开后打印，由法定代表人签字并加盖公章，责任人也要签字。</p>
<p><a class="btn second" href="<?cs var:Print.url ?>" target="_blank" rel="noopener">打开授权书</a></p>
</section>
<div class="pair">
<section class="card">
<h2>第二步：上传</h2>
<?cs if:Picture.url ?>
<?cs include!"fleet/_shown.cs" ?>
<details class="more"<?cs if:Field.file.error ?> open<?cs /if ?>>
<summary>文件不对？换一个</summary>
<?cs include!"_paper.cs" ?>
</details>
<?cs else ?>
<ul class="tips">
<li>扫描或拍照都可以，签字和公章要看得清</li>
<li>几页的请合成一个 PDF</li>
</ul>
<?cs include!"_paper.cs" ?>
<?cs /if ?>
</section>
<?cs if:Picture.url ?>
<section class="card">
<h2>第三步：核对</h2>
<?cs call:form_open() ?>
<?cs call:text_field("person", Field.person, "授权书上写的责任人姓名", "照着授权书填写", "text", "text", "off", "100", "done") ?>
<div class="field<?cs if:Field.checked.error ?> bad<?cs /if ?>">
<?cs call:field_error("checked", Field.checked) ?>
<p>请照着看一遍：授权书上的单位名称和公章与单位证件一致，法定代表人和责任人都已签字。</p>
</div>
<button class="btn" type="submit" id="checked" name="checked" value="1">核对无误，保存</button>
</form>
</section>
<?cs /if ?>
</div>
<?cs include!"_foot.cs" ?>

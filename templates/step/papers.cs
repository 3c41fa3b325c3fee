<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<?cs include!"_handover.cs" ?>
<?cs if:Flow.company ?>
<p class="lead">责任人不做人脸核验时，请拍一张责任人手持身份证的照片，工作人员一个工作日内核对，用短信告诉您结果。</p>
<div class="card">
<h2>责任人手持身份证</h2>
<?cs if:Picture.url ?>
<img class="photo" src="<?cs var:Picture.url ?>" alt="您拍的手持证件照">
<?cs else ?>
<ul class="tips">
<li>正面免冠，脸和身份证都要拍到</li>
<li>身份证上的字要看得清，不要挡住脸</li>
</ul>
<?cs /if ?>
<?cs include!"_upload.cs" ?>
</div>
<?cs if:Picture.url ?>
<div class="card">
<?cs call:form_open() ?>
<div class="field<?cs if:Field.note.error ?> bad<?cs /if ?>">
<?cs call:field_label("note", "给工作人员的说明（可以不填）", "最多 200 字") ?>
<?cs call:field_error("note", Field.note) ?>
<textarea id="note" name="note" rows="3" maxlength="400"<?cs call:field_described("note", Field.note, "1") ?>><?cs var:Field.note.value ?></textarea>
</div>
<?cs call:submit("下一步") ?>
</form>
</div>
<?cs /if ?>
<?cs else ?>
<p class="lead">您选择了不用人脸核验。身份证照片已经有了，再拍一张行驶证，工作人员一个工作日内核对，用短信告诉您结果。</p>
<?cs if:Papers.asks_for_licence ?>
<div class="card">
<h2>行驶证主页</h2>
<?cs if:Picture.url ?>
<img class="photo" src="<?cs var:Picture.url ?>" alt="您上次拍的行驶证主页">
<?cs else ?>
<div class="find licence" role="img" aria-label="行驶证主页示意图：有号牌号码、车架号和发动机号码的一页"></div>
<?cs /if ?>
<ul class="tips">
<li>拍有车架号和发动机号的一页，字要看得清</li>
<li>不开闪光灯，避免反光</li>
</ul>
<?cs include!"_upload.cs" ?>
<?cs if:Picture.url ?><p><a href="<?cs var:Page.action ?>">不换了，用上次拍的</a></p><?cs /if ?>
</div>
<?cs else ?>
<div class="card">
<h2>行驶证主页</h2>
<img class="photo" src="<?cs var:Papers.licence_url ?>" alt="您拍的行驶证主页">
<p class="ok"><svg class="tickmark" viewBox="0 0 24 24" aria-hidden="true"><path d="m5 12.500 4.500 4.500L19 7.500"/></svg>照片已收到</p>
<p><a href="<?cs var:Papers.again_url ?>">照片不对？重新拍一张</a></p>
<?cs call:form_open() ?>
<div class="field<?cs if:Field.note.error ?> bad<?cs /if ?>">
<?cs call:field_label("note", "给工作人员的说明（可以不填）", "例如：不方便说话；最多 200 字") ?>
<?cs call:field_error("note", Field.note) ?>
<textarea id="note" name="note" rows="3" maxlength="400"<?cs call:field_described("note", Field.note, "1") ?>><?cs var:Field.note.value ?></textarea>
</div>
<?cs call:submit("下一步") ?>
</form>
</div>
<details class="more"<?cs if:Field.file.error || Picture.url ?> open<?cs /if ?>>
<summary>再加一张照片（可以不加）</summary>
<p class="hint">例如购车发票，或者行驶证副页。</p>
<?cs if:Picture.url ?>
<img class="photo" src="<?cs var:Picture.url ?>" alt="您加的其他材料">
<?cs /if ?>
<?cs include!"_upload.cs" ?>
</details>
<?cs /if ?>
<?cs /if ?>
<section class="card">
<h2>还是想用人脸核验？</h2>
<p>当场就有结果，不用等审核。已经拍的照片会保留。</p>
<?cs call:action_form("face", "改回人脸核验", "btn second") ?>
</section>
<?cs include!"_foot.cs" ?>

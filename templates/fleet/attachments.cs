<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<?cs if:Flow.kind == "cancel" ?>
<p class="lead">上传加盖公章的证明：车辆报废或收回的材料、注销申请。可以分开传，也可以合成一个 PDF，最多 10 个文件。</p>
<?cs else ?>
<p class="lead">上传签字盖章的三份文件：入网协议、实名制责任告知书、分配管理协议<?cs if:Flow.kind == "update" ?>，由新责任人签<?cs /if ?>。可以分开传，也可以合成一个 PDF，最多 10 个文件。</p>
<?cs /if ?>
<?cs if:Texts.0.url ?>
<p>打印文本：<?cs each:text = Texts ?><?cs if:text.url ?> <a href="<?cs var:text.url ?>" target="_blank" rel="noopener">《<?cs var:text.title ?>》</a><?cs /if ?><?cs /each ?></p>
<?cs /if ?>
<div class="pair">
<section class="card">
<h2>添加文件</h2>
<?cs if:#Attachments.left > #0 ?>
<?cs include!"_paper.cs" ?>
<?cs else ?>
<p id="file" tabindex="-1">已经有 10 个文件。要再添加，请先删除用不到的。</p>
<?cs /if ?>
</section>
<section class="card">
<h2>已上传 <?cs var:Attachments.count ?> 个</h2>
<?cs if:#Attachments.count > #0 ?>
<ul class="papers">
<?cs each:item = Attachments ?>
<?cs if:item.url ?>
<li>
<a href="<?cs var:item.url ?>"><img src="<?cs var:item.url ?>" alt="" loading="lazy"><span><?cs var:item.label ?></span></a>
<?cs call:form_open() ?><button class="btn second small" type="submit" name="remove" value="<?cs var:item.id ?>">删除<span class="hide"><?cs var:item.label ?></span></button></form>
</li>
<?cs /if ?>
<?cs /each ?>
</ul>
<?cs call:form_open() ?>
<div class="field<?cs if:Field.complete.error ?> bad<?cs /if ?>">
<?cs call:field_error("complete", Field.complete) ?>
<p>请逐个打开看一遍：文件齐全，签字和公章看得清。</p>
</div>
<button class="btn" type="submit" id="complete" name="complete" value="1">文件已传齐，保存</button>
</form>
<?cs else ?>
<p class="hint">还没有文件。</p>
<?cs /if ?>
</section>
</div>
<?cs include!"_foot.cs" ?>

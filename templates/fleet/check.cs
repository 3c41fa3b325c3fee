<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead">请核对下面的内容，有错可以修改。</p>
<section class="card" aria-labelledby="cars">
<h2 id="cars">车辆</h2>
<p>这一批 <strong><?cs var:Batch.cars ?></strong> 辆车，<strong><?cs var:Batch.cards ?></strong> 张车联网卡。<a href="/<?cs var:Flow.slug ?>/cars">修改<span class="hide">车辆</span></a></p>
<?cs if:Unfit.0.text ?>
<div class="note warn">
<p><strong>选好的车里有 <?cs var:Batch.unfit ?> 辆现在不能办理，不会提交：</strong></p>
<ul>
<?cs each:one = Unfit ?>
<?cs if:one.text ?><li><?cs var:one.cars ?> 辆：<?cs var:one.text ?></li><?cs /if ?>
<?cs /each ?>
</ul>
</div>
<?cs /if ?>
</section>
<section class="card" aria-labelledby="papers">
<h2 id="papers">单位和责任人</h2>
<dl class="rows wide">
<?cs each:row = Rows ?>
<?cs if:row.label ?><div><dt><?cs var:row.label ?></dt><dd><?cs var:row.value ?></dd><?cs if:row.change ?><dd class="act"><a href="<?cs var:row.change ?>">修改<span class="hide"><?cs var:row.label ?></span></a></dd><?cs /if ?></div><?cs /if ?>
<?cs /each ?>
</dl>
<?cs if:Pictures.0.url ?>
<ul class="thumbs">
<?cs each:picture = Pictures ?>
<?cs if:picture.url ?><li><img src="<?cs var:picture.url ?>" alt="<?cs var:picture.label ?>"><span><?cs var:picture.label ?><?cs if:picture.change ?> <a href="<?cs var:picture.change ?>">修改<span class="hide"><?cs var:picture.label ?></span></a><?cs /if ?></span></li><?cs /if ?>
<?cs /each ?>
</ul>
<?cs /if ?>
</section>
<section class="card">
<?cs if:Flow.kind == "cancel" ?>
<p><strong>提交后将取消这些卡的实名登记，车机上网和远程控制会停用，紧急呼叫不受影响。</strong></p>
<?cs elif:Flow.kind == "update" ?>
<p>提交后，新责任人的信息会提供给这些卡的电信运营商，代替原来登记的信息。</p>
<?cs else ?>
<p>提交后，单位和责任人的登记信息会提供给这些卡的电信运营商，并报送工业和信息化部车联网卡监管平台核验。</p>
<?cs /if ?>
<p>提交后可以离开。办完时会发短信到您登录的手机，每一辆车的结果都能看到和下载。</p>
<?cs if:#Batch.cards > #0 ?>
<?cs call:form_open() ?>
<input type="hidden" name="token" value="<?cs var:Page.token ?>">
<?cs if:Flow.kind == "cancel" ?>
<button class="btn danger" type="submit">提交注销 <?cs var:Batch.cars ?> 辆</button>
<?cs elif:Flow.kind == "update" ?>
<button class="btn" type="submit">提交变更 <?cs var:Batch.cars ?> 辆</button>
<?cs else ?>
<button class="btn" type="submit">提交登记 <?cs var:Batch.cars ?> 辆</button>
<?cs /if ?>
</form>
<?cs else ?>
<p class="note warn">没有可以提交的车，请先修改车辆。</p>
<a class="btn" href="/<?cs var:Flow.slug ?>/cars">选择车辆</a>
<?cs /if ?>
</section>
<?cs include!"_foot.cs" ?>

<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead">请核对下面的内容，有错可以修改。</p>
<section class="card">
<dl class="rows wide">
<?cs each:row = Rows ?>
<div><dt><?cs var:row.label ?></dt><dd><?cs var:row.value ?></dd><?cs if:row.change ?><dd class="act"><a href="<?cs var:row.change ?>">修改<span class="hide"><?cs if:row.what ?><?cs var:row.what ?><?cs else ?><?cs var:row.label ?><?cs /if ?></span></a></dd><?cs /if ?></div>
<?cs /each ?>
</dl>
<?cs if:Pictures.0.url ?>
<ul class="thumbs">
<?cs each:picture = Pictures ?>
<li><img src="<?cs var:picture.url ?>" alt="<?cs var:picture.label ?>"><span><?cs var:picture.label ?><?cs if:picture.change ?> <a href="<?cs var:picture.change ?>">修改<span class="hide"><?cs var:picture.label ?></span></a><?cs /if ?></span></li>
<?cs /each ?>
</ul>
<?cs /if ?>
</section>
<section class="card">
<?cs if:Check.manual ?>
<p class="note">这笔申请不做人脸核验，提交后由工作人员审核，一个工作日内用短信告诉您结果。</p>
<?cs /if ?>
<?cs if:Flow.kind == "cancel" ?>
<p><strong>提交后将取消这些卡的实名登记，车机上网和远程控制会停用，紧急呼叫不受影响。</strong>结果会发短信告诉您。</p>
<?cs elif:Flow.kind == "update" ?>
<p>提交后，新的信息会提供给这张卡的电信运营商，代替原来登记的信息。结果会发短信告诉您。</p>
<?cs else ?>
<p>提交后，您的登记信息会提供给这张卡的电信运营商，并报送工业和信息化部车联网卡监管平台核验。结果会发短信告诉您。</p>
<?cs /if ?>
<?cs call:form_open() ?>
<input type="hidden" name="token" value="<?cs var:Page.token ?>">
<?cs if:Flow.kind == "cancel" ?>
<button class="btn danger" type="submit">提交注销</button>
<?cs elif:Flow.kind == "update" ?>
<?cs call:submit("提交变更") ?>
<?cs else ?>
<?cs call:submit("提交登记") ?>
<?cs /if ?>
</form>
</section>
<?cs include!"_foot.cs" ?>

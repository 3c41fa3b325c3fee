<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<?cs include!"_car.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<?cs if:Draft.url ?>
<p class="note">您有一笔没办完的申请，也可以<a href="<?cs var:Draft.url ?>">继续上次办理</a>。</p>
<?cs /if ?>
<section class="card">
<h2>您的<?cs if:#Owned.count > #1 ?> <?cs var:Owned.count ?> 辆<?cs /if ?>车</h2>
<ul class="owned">
<?cs each:car = Owned ?>
<?cs if:car.id ?>
<li><?cs call:owned_car(car) ?></li>
<?cs /if ?>
<?cs /each ?>
</ul>
<p class="hint">请准备好本人的身份证和手机，大约 3 分钟。<?cs if:Link.kind == "cancel" ?>注销后车机上网、远程控制等功能停用，紧急呼叫不受影响；要再用需要重新登记。<?cs /if ?></p>
</section>
<section class="card">
<?cs include!"_privacy.cs" ?>
<?cs call:form_open() ?>
<?cs if:Link.kind ?>
<?cs call:submit("已阅读并同意，开始办理") ?>
<?cs else ?>
<button class="btn" type="submit" name="flow" value="register">已阅读并同意，开始办理登记</button>
<button class="btn second" type="submit" name="flow" value="cancel">已阅读并同意，开始办理注销</button>
<button class="btn second" type="submit" name="flow" value="update">已阅读并同意，开始办理变更</button>
<?cs /if ?>
</form>
</section>
<?cs include!"_foot.cs" ?>

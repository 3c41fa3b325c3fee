<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<section class="card">
<h2>简单说，<?cs if:Flow.company ?>单位<?cs else ?>您<?cs /if ?>要答应这几件事</h2>
<ol class="nums">
<?cs if:Flow.company && Flow.kind == "cancel" ?>
<li>这些卡登记在单位名下，由单位自愿取消登记</li>
<li>注销后车机上网、远程控制停用，紧急呼叫不受影响</li>
<li>注销前产生的责任，仍由单位承担</li>
<li>车还在用的，请不要注销，或由现在的车主重新登记</li>
<?cs elif:Flow.company && Flow.kind == "update" ?>
<li>新的责任人由单位授权，本人同意，填写的是他的真实信息</li>
<li>新责任人的信息会代替原来登记的信息，原来的登记作为历史保存</li>
<li>登记时单位答应的其他事情不变</li>
<?cs elif:Flow.company ?>
<li>登记的是单位和责任人的真实信息，责任人由单位授权</li>
<li>卡只在登记的车上用，不拆下来另作他用；谁在用车，单位有记录</li>
<li>卖车、过户时，同时办理卡的过户或注销</li>
<li>车辆报废或收回时，同时办理卡的注销</li>
<li>责任人离开或换岗时，及时办理责任人变更</li>
<?cs elif:Flow.kind == "cancel" ?>
<li>您是这些卡登记的本人，自愿取消登记</li>
<li>注销后车机上网、远程控制停用，紧急呼叫不受影响</li>
<li>注销前产生的责任，仍由您承担</li>
<li>车还在用的，请让现在的车主重新登记</li>
<?cs elif:Flow.kind == "update" ?>
<li>您是这些卡登记的本人，变更的是您本人的真实信息</li>
<li>新的手机号和证件信息会代替原来登记的信息</li>
<li>登记时答应的其他事情不变</li>
<?cs else ?>
<li>登记的是您本人的真实信息</li>
<li>卡只在这辆车上用，不拆下来另作他用</li>
<li>卖车、过户时，同时办理卡的过户或注销</li>
<li>车辆报废时，同时办理卡的注销</li>
<li>更换带卡的零部件后，及时更新登记</li>
<?cs /if ?>
</ol>
</section>
<section class="card">
<h2>请阅读以下文件</h2>
<ul class="docs">
<?cs each:text = Texts ?>
<li><a href="<?cs var:text.url ?>">《<?cs var:text.title ?>》</a><?cs if:text.version ?> <small>版本 <?cs var:text.version ?></small><?cs /if ?></li>
<?cs /each ?>
</ul>
<?cs call:form_open() ?>
<div class="field<?cs if:Field.agree.error ?> bad<?cs /if ?>">
<?cs call:field_error("agree", Field.agree) ?>
<label class="pick"><input type="checkbox" id="agree" name="agree" value="1"<?cs call:field_described("agree", Field.agree, "") ?>><span>我已阅读并同意<?cs each:text = Texts ?>《<?cs var:text.title ?>》<?cs /each ?></span></label>
</div>
<?cs call:submit("下一步") ?>
</form>
</section>
<?cs include!"_foot.cs" ?>

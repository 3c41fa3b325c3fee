<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead">单位的车没有由汽车厂家统一登记过时，用单位证件自己开通，大约 3 分钟。</p>
<section class="card">
<h2>请先准备好</h2>
<ul class="dots">
<li><strong>单位证件：</strong>营业执照、事业单位法人证书或社会团体法人登记证书</li>
<li><strong>每辆车的行驶证：</strong>开通后用车架号和发动机号添加车辆</li>
</ul>
</section>
<section class="card">
<h2>开通以后</h2>
<ol class="nums">
<li>您是这家企业的管理员，可以添加车辆和别的管理员</li>
<li>只能看到和办理自己添加的车</li>
<li>第一次提交的办理，由工作人员核对材料后再送到运营商</li>
<li>这家企业已经有人开通的，工作人员核实后短信通知您</li>
</ol>
</section>
<section class="card">
<?cs include!"_privacy.cs" ?>
<?cs call:form_open() ?>
<?cs call:submit("已阅读并同意，开始办理") ?>
</form>
</section>
<?cs include!"_foot.cs" ?>

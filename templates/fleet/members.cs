<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead">管理员可以用自己的手机号登录，为<?cs var:Company.name ?>选车、提交和查看结果。</p>
<table class="records">
<caption class="hide">管理员</caption>
<thead>
<tr><th scope="col">手机号</th><th scope="col">姓名</th><th scope="col">来源</th><th scope="col">加入时间</th><th scope="col">可以做什么</th></tr>
</thead>
<?cs each:one = Members ?>
<?cs if:one.id ?>
<tbody class="card">
<tr>
<td data-label="手机号"><span><span class="nobreak"><?cs var:one.phone ?></span><?cs if:one.self ?> <span class="tag good">您自己</span><?cs /if ?><?cs if:one.waits ?> <span class="tag wait">等工作人员核实</span><?cs /if ?></span></td>
<td data-label="姓名"><?cs var:one.name ?></td>
<td data-label="来源"><?cs var:one.origin ?></td>
<td data-label="加入时间"><?cs var:one.time ?></td>
<td class="act"><?cs if:!one.waits ?><a href="/fleet/members/<?cs var:one.id ?>">移除<span class="hide"> <?cs var:one.phone ?></span></a><?cs /if ?></td>
</tr>
</tbody>
<?cs /if ?>
<?cs /each ?>
</table>
<section class="card" aria-labelledby="more">
<h2 id="more">添加管理员</h2>
<?cs call:form_open() ?>
<?cs call:text_field("phone", Field.phone, "手机号", "我们会发短信告诉对方，登录时再用验证码确认", "tel", "tel", "off", "20", "next") ?>
<?cs call:text_field("name", Field.name, "姓名（可以不填）", "", "text", "text", "off", "50", "done") ?>
<?cs call:submit("添加") ?>
</form>
</section>
<?cs include!"_foot.cs" ?>

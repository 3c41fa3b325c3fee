<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead">三种办法可以一起用：在表里勾选、粘贴车架号、导入表格。一批最多 <?cs var:Basket.limit ?> 辆。</p>
<?cs call:form_open() ?>
<section class="card" aria-labelledby="by-table">
<h2 id="by-table">勾选</h2>
<div class="finder">
<?cs call:code_field("q", Field.q, "车架号", "输入任意一段，例如后 6 位", "20", "search") ?>
<div class="field">
<label for="standing">状态</label>
<select id="standing" name="standing">
<?cs each:one = Standings ?>
<option value="<?cs var:one.name ?>"<?cs if:one.chosen ?> selected<?cs /if ?>><?cs var:one.label ?></option>
<?cs /each ?>
<option value=""<?cs if:Filter.all ?> selected<?cs /if ?>>全部</option>
</select>
</div>
<div class="field">
<label for="model">车型</label>
<select id="model" name="model">
<option value="">全部</option>
<?cs each:one = Models ?>
<option value="<?cs var:one.name ?>"<?cs if:one.chosen ?> selected<?cs /if ?>><?cs var:one.name ?></option>
<?cs /each ?>
</select>
</div>
<button class="btn second small" type="submit" name="action" value="search">查找</button>
</div>
<input type="hidden" name="shown" value="<?cs var:Cars.ids ?>">
<input type="hidden" name="filter" value="<?cs var:Filter.text ?>">
<?cs if:Cars.after ?><input type="hidden" name="after" value="<?cs var:Cars.after ?>"><?cs /if ?>
<p>找到 <strong><?cs var:Cars.found ?></strong> 辆<?cs if:Cars.too_many ?>以上<?cs /if ?><?cs if:#Cars.found > #Cars.shown ?>，这一页 <?cs var:Cars.shown ?> 辆<?cs /if ?>。</p>
<?cs if:#Cars.shown > #0 ?>
<?cs call:field_error("all", Field.all) ?>
<div class="two" id="all" tabindex="-1">
<button class="btn second" type="submit" name="action" value="page" data-tick="car">全选本页 <?cs var:Cars.shown ?> 辆</button>
<?cs if:#Cars.found > #Cars.shown && !Cars.too_many ?>
<button class="btn second" type="submit" name="action" value="all">全选 <?cs var:Cars.found ?> 辆（所有页）</button>
<?cs /if ?>
</div>
<?cs if:Cars.too_many ?><p class="hint">超过一批的数量，请先用上面的条件缩小范围，再选所有页。</p><?cs /if ?>
<table class="records cars">
<caption class="hide">单位的车，按车架号排列</caption>
<thead>
<tr><th scope="col"><span class="hide">选择</span></th><th scope="col">车架号</th><th scope="col">车型</th><th scope="col">状态</th></tr>
</thead>
<tbody>
<?cs each:car = Cars ?>
<?cs if:car.id ?>
<tr>
<td><label class="box"><input type="checkbox" name="car" value="<?cs var:car.id ?>"<?cs if:car.ticked ?> checked<?cs /if ?>><span class="hide">选择 <?cs var:car.vin ?></span></label></td>
<td data-label="车架号" class="mono"><?cs var:car.vin ?></td>
<td data-label="车型"><?cs var:car.model ?></td>
<td data-label="状态"><span class="tag <?cs var:car.look ?>"><?cs var:car.standing ?></span></td>
</tr>
<?cs /if ?>
<?cs /each ?>
</tbody>
</table>
<div class="two">
<?cs if:Cars.after ?><button class="btn second" type="submit" name="action" value="first">保存并回到第一页</button><?cs /if ?>
<?cs if:Cars.next ?><button class="btn second" type="submit" name="action" value="next">保存勾选，看下一页</button><?cs /if ?>
</div>
<?cs else ?>
<?cs call:field_error("all", Field.all) ?>
<p id="all" tabindex="-1">没有符合条件的车。请换一个条件，或 <a href="/fleet/add">添加车辆</a>。</p>
<?cs /if ?>
</section>
<div class="basket">
<p role="status">已选 <strong data-count="basket"><?cs var:Basket.cars ?></strong> 辆<span class="hide" data-unsaved> ，还没保存，点下一步、加入或上传时保存</span></p>
<?cs if:#Basket.cars > #0 ?><button class="btn second small" type="submit" name="action" value="clear">全部取消</button><?cs /if ?>
<button class="btn small" type="submit">下一步</button>
</div>
</form>
<div class="pair">
<section class="card" aria-labelledby="by-text">
<h2 id="by-text">粘贴</h2>
<form method="post" action="<?cs var:Upload.url ?>" enctype="multipart/form-data" novalidate>
<div class="field<?cs if:Field.vins.error ?> bad<?cs /if ?>">
<?cs call:field_label("vins", "车架号", "一行一个，或用逗号、空格、制表符分开，也可以用 ICCID") ?>
<?cs call:field_error("vins", Field.vins) ?>
<textarea class="mono" id="vins" name="vins" rows="6" autocomplete="off" spellcheck="false"<?cs call:field_described("vins", Field.vins, "x") ?>></textarea>
<p class="hint" role="status" data-vins="vins" data-text="识别 {n} 个，重复 {d}，格式不对 {b}"></p>
</div>
<button class="btn second" type="submit">加入</button>
</form>
</section>
<section class="card" aria-labelledby="by-file">
<h2 id="by-file">导入</h2>
<form method="post" action="<?cs var:Upload.url ?>" enctype="multipart/form-data" novalidate>
<div class="field<?cs if:Field.file.error ?> bad<?cs /if ?>">
<?cs call:field_label("file", "表格文件", "CSV 或 XLSX，不超过 5MB。要有“车架号”或“ICCID”列，其他列不看") ?>
<?cs call:field_error("file", Field.file) ?>
<input type="file" id="file" name="file" accept=".csv,.xlsx,.txt,text/csv"<?cs call:field_described("file", Field.file, "x") ?>>
</div>
<button class="btn second" type="submit">上传</button>
</form>
<p class="links"><a href="/<?cs var:Flow.slug ?>/cars/template.xlsx">下载空表 XLSX</a> <a href="/<?cs var:Flow.slug ?>/cars/template.csv">下载空表 CSV</a></p>
</section>
</div>
<?cs include!"_foot.cs" ?>

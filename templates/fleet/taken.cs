<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<section class="card">
<p class="<?cs if:#Faults.count > #0 ?>note warn<?cs else ?>note<?cs /if ?>" role="status">识别 <strong><?cs var:Take.count ?></strong> 个，可以办理 <strong><?cs var:Take.right ?></strong> 辆<?cs if:#Take.there > #0 ?>（其中 <?cs var:Take.there ?> 辆早已选好）<?cs /if ?>，重复 <?cs var:Take.doubled ?>，有问题 <strong><?cs var:Faults.count ?></strong>。</p>
<?cs if:Take.all_hidden ?><p class="note warn">表格里的行全都是隐藏的，可能是筛选后藏起来的，也都读了。请核对是不是要办的车。</p>
<?cs elif:#Take.hidden > #0 ?><p class="hint">表格里有 <?cs var:Take.hidden ?> 行是隐藏的，也读了。</p><?cs /if ?>
<?cs if:#Take.hidden_columns > #0 ?><p class="hint">表格里有 <?cs var:Take.hidden_columns ?> 列是隐藏的，也读了。</p><?cs /if ?>
<?cs if:#Take.unread_sheets > #0 ?><p class="hint">只读了第一张工作表“<?cs var:Take.sheet ?>”，另外 <?cs var:Take.unread_sheets ?> 张没有读。</p><?cs /if ?>
<?cs if:Take.in ?>
<p>可以办理的已加入，现在一共选了 <strong><?cs var:Basket.cars ?></strong> 辆。</p>
<?cs else ?>
<p>还没有加入。可以只加入正确的，也可以改好表格重新上传。</p>
<?cs /if ?>
<div class="two">
<?cs if:!Take.in && #Take.right > #0 ?>
<form method="post" action="<?cs var:Take.good ?>" novalidate><?cs call:csrf() ?><input type="hidden" name="table" value="<?cs var:Take.kept ?>"><button class="btn" type="submit">只加入正确的 <?cs var:Take.right ?> 辆</button></form>
<?cs /if ?>
<?cs if:Take.in && #Basket.cars > #0 ?>
<?cs call:form_open() ?><button class="btn" type="submit">下一步</button></form>
<?cs /if ?>
<a class="btn second" href="<?cs var:Page.action ?>">回到选择车辆</a>
</div>
</section>
<?cs if:#Faults.count > #0 ?>
<section class="card" aria-labelledby="faults">
<h2 id="faults">有问题的<?cs if:#Faults.count > #Faults.shown ?>（前 <?cs var:Faults.shown ?> 个，共 <?cs var:Faults.count ?> 个）<?cs /if ?></h2>
<?cs if:Take.table && !Take.in ?>
<p class="links"><a href="<?cs var:Take.back ?>.xlsx?table=<?cs var:Take.kept ?>">下载带原因的原表 XLSX</a> <a href="<?cs var:Take.back ?>.csv?table=<?cs var:Take.kept ?>">CSV</a></p>
<?cs /if ?>
<table class="records list">
<thead><tr><th scope="col"><?cs if:Take.table ?>行号<?cs else ?>第几个<?cs /if ?></th><th scope="col">原来的内容</th><th scope="col">问题和怎么改</th></tr></thead>
<tbody>
<?cs each:one = Faults ?>
<?cs if:one.row ?>
<tr><td data-label="<?cs if:Take.table ?>行号<?cs else ?>第几个<?cs /if ?>"><?cs var:one.row ?></td><td data-label="内容" class="mono"><?cs var:one.given ?></td><td data-label="问题"><?cs var:one.text ?></td></tr>
<?cs /if ?>
<?cs /each ?>
</tbody>
</table>
<?cs if:Take.table && !Take.in ?>
<form method="post" action="<?cs var:Upload.url ?>" enctype="multipart/form-data" novalidate>
<div class="field">
<?cs call:field_label("file", "改好后重新上传", "CSV 或 XLSX，不超过 5MB") ?>
<input type="file" id="file" name="file" accept=".csv,.xlsx,.txt,text/csv" aria-describedby="file-hint">
</div>
<button class="btn second" type="submit">重新上传</button>
</form>
<?cs /if ?>
</section>
<?cs /if ?>
<?cs include!"_foot.cs" ?>

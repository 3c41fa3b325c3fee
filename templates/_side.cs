<?cs if:Reading.state == "waiting" ?>
<div class="card">
<?cs if:Picture.url ?>
<img class="photo" src="<?cs var:Picture.url ?>" alt="您拍的<?cs var:Side.label ?>">
<?cs /if ?>
<?cs call:waiting("照片已上传，正在识别", "一般几秒钟，请稍候。本页会自动更新，离开也不影响。") ?>
</div>
<?cs elif:Reading.state == "done" || Reading.state == "manual" ?>
<div class="card">
<?cs if:Picture.url ?>
<img class="photo" src="<?cs var:Picture.url ?>" alt="您拍的<?cs var:Side.label ?>">
<?cs /if ?>
<?cs if:Reading.state == "done" ?>
<p class="ok"><svg class="tickmark" viewBox="0 0 24 24" aria-hidden="true"><path d="m5 12.500 4.500 4.500L19 7.500"/></svg>照片清楚，已识别</p>
<dl class="rows">
<?cs each:row = Reading ?>
<?cs if:row.label ?>
<div><dt><?cs var:row.label ?></dt><dd><?cs var:row.value ?></dd></div>
<?cs /if ?>
<?cs /each ?>
</dl>
<?cs else ?>
<p class="ok"><svg class="tickmark" viewBox="0 0 24 24" aria-hidden="true"><path d="m5 12.500 4.500 4.500L19 7.500"/></svg>照片已收到</p>
<p><?cs if:Reading.cause ?><?cs var:Reading.cause ?><?cs else ?>请在后面的页面手动填写证件信息，由工作人员审核。<?cs /if ?></p>
<?cs /if ?>
<?cs call:action_form("next", "下一步", "btn") ?>
</div>
<details class="more"<?cs if:Page.error ?> open<?cs /if ?>>
<summary>照片不对？重新拍一张</summary>
<?cs include!"_upload.cs" ?>
</details>
<?cs else ?>
<?cs if:Reading.state == "refused" ?>
<div class="note bad" role="alert"><p><strong><?cs var:Reading.cause ?></strong></p><?cs if:Tries.left ?><p>还可以再试 <?cs var:Tries.left ?> 次</p><?cs /if ?></div>
<?cs elif:Reading.state == "unavailable" ?>
<div class="note warn" role="status">
<p><?cs if:Reading.cause ?><?cs var:Reading.cause ?><?cs else ?>识别服务繁忙，本次不计入次数。照片已保存，请稍后再试。<?cs /if ?></p>
<?cs call:action_form("retry", "再试一次", "btn") ?>
</div>
<?cs elif:Tries.left ?>
<p class="note warn">还可以再试 <?cs var:Tries.left ?> 次</p>
<?cs /if ?>
<div class="card">
<?cs if:Picture.url ?>
<img class="photo" src="<?cs var:Picture.url ?>" alt="您上次拍的<?cs var:Side.label ?>">
<?cs elif:Side.sample == "back" ?>
<?cs include!"_sample_back.cs" ?>
<?cs else ?>
<?cs include!"_sample_front.cs" ?>
<?cs /if ?>
<ul class="tips">
<li>证件放在深色桌面，四个角都拍到</li>
<li>不开闪光灯，避免反光</li>
<li>拿稳手机，字迹要清楚</li>
</ul>
<?cs include!"_upload.cs" ?>
</div>
<?cs /if ?>

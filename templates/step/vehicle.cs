<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<?cs include!"_car.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<?cs if:Owned.0.id ?>
<div class="card">
<form method="post" action="<?cs var:Page.action ?>" novalidate>
<?cs call:csrf() ?>
<fieldset class="field<?cs if:Field.car.error ?> bad<?cs /if ?>"<?cs if:Field.car.error ?> aria-describedby="car-error"<?cs /if ?>>
<legend>请选择要办理的车</legend>
<?cs call:field_error("car", Field.car) ?>
<div class="picks">
<?cs each:car = Owned ?>
<label class="pick"><input type="radio" id="car<?cs if:name(car) != "0" ?>-<?cs var:car.id ?><?cs /if ?>" name="car" value="<?cs var:car.id ?>"<?cs if:car.checked ?> checked<?cs /if ?>><?cs call:owned_car(car) ?></label>
<?cs /each ?>
</div>
</fieldset>
<button class="btn" type="submit" name="action" value="owned">下一步</button>
</form>
</div>
<details class="more"<?cs if:Field.vin.error || Field.proof.error || Vin.suggestion ?> open<?cs /if ?>>
<summary>不是这里的车？自己填写</summary>
<div>
<?cs include!"_vehicle.cs" ?>
</div>
</details>
<?cs else ?>
<?cs include!"_vehicle.cs" ?>
<?cs /if ?>
<details class="more">
<summary>车架号在哪里找</summary>
<div class="finds">
<figure>
<div class="find windscreen" role="img" aria-label="从车外看前挡风玻璃，车架号在驾驶座一侧的下角"></div>
<figcaption>前挡风玻璃：站在车外看，驾驶座一侧的下角</figcaption>
</figure>
<figure>
<div class="find licence" role="img" aria-label="行驶证，车架号在车辆识别代号一栏，下面一栏是发动机号码"></div>
<figcaption>行驶证：“车辆识别代号”一栏，发动机号在它下面</figcaption>
</figure>
<figure>
<div class="find certificate" role="img" aria-label="合格证或货物进口证明书，车架号在车辆识别代号一行"></div>
<figcaption>合格证；进口车看货物进口证明书</figcaption>
</figure>
</div>
</details>
<?cs include!"_foot.cs" ?>

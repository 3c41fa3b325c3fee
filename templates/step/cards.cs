<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<section class="card car">
<svg class="ico" viewBox="0 0 24 24" aria-hidden="true"><path d="M3 15v-3l2-5.200A2.600 2.600 0 0 1 7.400 5h9.200a2.600 2.600 0 0 1 2.400 1.800L21 12v3M3 12h18M3 15v3h3v-2M21 15v3h-3v-2H6"/></svg>
<div>
<p class="car-name"><?cs var:Car.brand ?> <?cs var:Car.model ?></p>
<p class="muted"><?cs if:Car.color ?><?cs var:Car.color ?> · <?cs /if ?>车架号 <span class="mono"><?cs var:Car.vin ?></span></p>
</div>
</section>
<div class="card">
<?cs call:form_open() ?>
<fieldset class="field<?cs if:Field.card.error ?> bad<?cs /if ?>"<?cs if:Field.card.error ?> aria-describedby="card-error"<?cs /if ?>>
<legend>选择要<?cs if:Flow.kind == "cancel" ?>注销<?cs elif:Flow.kind == "update" ?>变更<?cs else ?>登记<?cs /if ?>的车联网卡</legend>
<p class="hint">这辆车里有 <?cs var:Cards.count ?> 张卡<?cs if:#Cards.count > #1 ?><?cs if:Flow.kind == "cancel" ?>，卖车或报废时请全部注销<?cs elif:Flow.kind == "update" ?>，建议一起变更<?cs else ?>，建议全部登记，车上的功能才能都用<?cs /if ?><?cs /if ?>。</p>
<?cs call:field_error("card", Field.card) ?>
<?cs if:#Cards.count > #1 ?><button class="btn second small" type="submit" name="action" value="all" data-all="card">全选</button><?cs /if ?>
<div class="picks">
<?cs each:card = Cards ?>
<?cs if:card.id ?>
<label class="pick<?cs if:card.blocked ?> off<?cs /if ?>"><input type="checkbox" id="card<?cs if:name(card) != "0" ?>-<?cs var:card.id ?><?cs /if ?>" name="card" value="<?cs var:card.id ?>"<?cs if:card.blocked ?> disabled<?cs elif:card.checked ?> checked<?cs /if ?>><span>卡号末四位 <strong class="mono"><?cs var:card.tail ?></strong><?cs if:card.state ?><small><?cs var:card.state ?></small><?cs /if ?></span></label>
<?cs /if ?>
<?cs /each ?>
</div>
</fieldset>
<?cs call:submit("下一步") ?>
</form>
</div>
<?cs include!"_foot.cs" ?>

<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<?cs include!"_handover.cs" ?>
<?cs include!"_side.cs" ?>
<?cs if:Types.0.name && Reading.state != "waiting" ?>
<details class="more">
<summary>用其他证件办理（现在是：<?cs var:Type.label ?>）</summary>
<?cs call:form_open() ?>
<fieldset class="field" id="type">
<legend>选择证件类型</legend>
<div class="picks">
<?cs each:type = Types ?>
<label class="pick"><input type="radio" id="type-<?cs var:type.name ?>" name="type" value="<?cs var:type.name ?>"<?cs if:type.checked ?> checked<?cs /if ?>><span><?cs var:type.label ?></span></label>
<?cs /each ?>
</div>
</fieldset>
<button class="btn second" type="submit" name="action" value="type">使用这种证件</button>
</form>
</details>
<?cs /if ?>
<?cs include!"_foot.cs" ?>

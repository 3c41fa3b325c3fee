<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<section class="card">
<p>受理编号 <strong class="mono"><?cs var:Confirm.number ?></strong></p>
<p><?cs var:Confirm.text ?></p>
<p><?cs var:Confirm.more ?></p>
<?cs call:form_open() ?>
<input type="hidden" name="id" value="<?cs var:Confirm.id ?>">
<input type="hidden" name="confirm" value="1">
<button class="btn danger" type="submit"><?cs var:Confirm.button ?></button>
</form>
<a class="btn second" href="<?cs var:Page.back ?>">不了，返回</a>
</section>
<?cs include!"_foot.cs" ?>

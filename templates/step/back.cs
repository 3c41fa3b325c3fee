<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<?cs include!"_handover.cs" ?>
<?cs include!"_side.cs" ?>
<?cs include!"_foot.cs" ?>

<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<?cs set:Local.phone_url = Phone.change ?>
<?cs include!"_code.cs" ?>
<?cs include!"_foot.cs" ?>

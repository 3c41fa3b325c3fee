<?cs # A paper that is there: its first page, and the others by number. ?>
<a class="sheet" href="<?cs var:Picture.url ?>"><img class="photo" src="<?cs var:Picture.url ?>" alt="您上传的<?cs var:Paper.label ?><?cs if:#Picture.pages > #1 ?>，第 1 页<?cs /if ?>"></a>
<?cs if:#Picture.pages > #1 ?>
<p class="sheets">共 <?cs var:Picture.pages ?> 页：<?cs loop:i = #1, #Picture.pages ?> <a href="<?cs var:Picture.url ?>&amp;page=<?cs var:i ?>">第 <?cs var:i ?> 页</a><?cs /loop ?></p>
<?cs /if ?>

<?cs # A car of a link, as it is listed. ?>
<?cs def:owned_car(car) ?><span><strong><?cs var:car.name ?></strong><small><?cs if:car.color ?><?cs var:car.color ?> · <?cs /if ?>车架号 <span class="mono nobreak"><?cs var:car.vin ?></span></small></span><em><?cs var:car.status ?></em><?cs /def ?>

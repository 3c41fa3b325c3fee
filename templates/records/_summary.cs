<dl class="rows finish">
<div><dt>业务类型</dt><dd><?cs var:Record.kind ?></dd></div>
<div><dt>受理编号</dt><dd class="mono"><?cs var:Record.number ?></dd></div>
<div><dt>提交时间</dt><dd><?cs var:Record.time ?></dd></div>
<?cs if:Record.vin ?><div><dt>车架号</dt><dd class="mono"><?cs var:Record.vin ?></dd></div><?cs /if ?>
<?cs each:card = Cards ?>
<?cs if:card.tail ?><div><dt>卡号末四位 <?cs var:card.tail ?></dt><dd><?cs var:card.state ?>，<?cs var:card.time ?></dd></div><?cs /if ?>
<?cs /each ?>
</dl>

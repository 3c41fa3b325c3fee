<?cs # Macros of the forms. f is the field's dataset (Field.NAME), hint "" means none; complete is the autocomplete token. ?>
<?cs def:field_error(name, f) ?>
<?cs if:f.error ?>
<p class="error" id="<?cs var:name ?>-error"><span class="hide">错误：</span><?cs var:f.error ?></p>
<?cs /if ?>
<?cs /def ?>
<?cs def:field_described(name, f, hint) ?><?cs if:hint && f.error ?> aria-describedby="<?cs var:name ?>-hint <?cs var:name ?>-error"<?cs elif:hint ?> aria-describedby="<?cs var:name ?>-hint"<?cs elif:f.error ?> aria-describedby="<?cs var:name ?>-error"<?cs /if ?><?cs if:f.error ?> aria-invalid="true"<?cs /if ?><?cs /def ?>
<?cs def:field_label(name, label, hint) ?>
<label for="<?cs var:name ?>"><?cs var:label ?></label>
<?cs if:hint ?>
<p class="hint" id="<?cs var:name ?>-hint"><?cs var:hint ?></p>
<?cs /if ?>
<?cs /def ?>
<?cs # A line of text. mode is the keypad (text, numeric, tel). ?>
<?cs def:text_field(name, f, label, hint, type, mode, complete, length, enter) ?>
<div class="field<?cs if:f.error ?> bad<?cs /if ?>">
<?cs call:field_label(name, label, hint) ?>
<?cs call:field_error(name, f) ?>
<input type="<?cs var:type ?>" inputmode="<?cs var:mode ?>" id="<?cs var:name ?>" name="<?cs var:name ?>" value="<?cs var:f.value ?>" autocomplete="<?cs var:complete ?>" maxlength="<?cs var:length ?>" enterkeyhint="<?cs var:enter ?>"<?cs call:field_described(name, f, hint) ?>>
</div>
<?cs /def ?>
<?cs # Letters and digits as printed on a certificate: no correction by the keyboard. ?>
<?cs def:code_field(name, f, label, hint, length, enter) ?>
<div class="field<?cs if:f.error ?> bad<?cs /if ?>">
<?cs call:field_label(name, label, hint) ?>
<?cs call:field_error(name, f) ?>
<input class="mono" type="text" id="<?cs var:name ?>" name="<?cs var:name ?>" value="<?cs var:f.value ?>" autocomplete="off" autocapitalize="characters" autocorrect="off" spellcheck="false" maxlength="<?cs var:length ?>" enterkeyhint="<?cs var:enter ?>"<?cs call:field_described(name, f, hint) ?>>
</div>
<?cs /def ?>
<?cs # A code from an SMS, in one box. ?>
<?cs def:sms_field(name, f, label, hint) ?>
<div class="field<?cs if:f.error ?> bad<?cs /if ?>">
<?cs call:field_label(name, label, hint) ?>
<?cs call:field_error(name, f) ?>
<input class="digits" type="text" inputmode="numeric" id="<?cs var:name ?>" name="<?cs var:name ?>" value="<?cs var:f.value ?>" autocomplete="one-time-code" maxlength="12" enterkeyhint="done" data-digits<?cs call:field_described(name, f, hint) ?>>
</div>
<?cs /def ?>
<?cs # A tick with value 1. ?>
<?cs def:tick(name, f, label) ?>
<div class="field<?cs if:f.error ?> bad<?cs /if ?>">
<?cs call:field_error(name, f) ?>
<label class="pick"><input type="checkbox" id="<?cs var:name ?>" name="<?cs var:name ?>" value="1"<?cs if:f.value == "1" ?> checked<?cs /if ?><?cs call:field_described(name, f, "") ?>><span><?cs var:label ?></span></label>
</div>
<?cs /def ?>
<?cs def:csrf() ?><input type="hidden" name="csrf" value="<?cs var:Page.csrf ?>"><?cs /def ?>
<?cs def:submit(label) ?>
<button class="btn" type="submit"><?cs var:label ?></button>
<?cs /def ?>
<?cs # A form of one button: posts action=value to the page itself. look is a class: btn, btn second, link. ?>
<?cs def:action_form(value, label, look) ?>
<form method="post" action="<?cs var:Page.action ?>" novalidate>
<?cs call:csrf() ?>
<button class="<?cs var:look ?>" type="submit" name="action" value="<?cs var:value ?>"><?cs var:label ?></button>
</form>
<?cs /def ?>
<?cs # Agree.shown: which texts the page had when it was sent, since they are what is agreed to. ?>
<?cs def:form_open() ?><form method="post" action="<?cs var:Page.action ?>" novalidate><?cs call:csrf() ?><?cs each:text = Agree.shown ?><input type="hidden" name="shown_<?cs var:text.kind ?>" value="<?cs var:text.id ?>"><?cs /each ?><?cs /def ?>
<?cs # The form around a file input. In practice no byte of the file is sent: no multipart body, and an input without a name. ?>
<?cs def:upload_open() ?><?cs if:Page.practice ?><form class="native" method="post" action="<?cs var:Page.action ?>" novalidate data-upload data-practice><?cs call:csrf() ?><input type="hidden" name="action" value="taken"><?cs else ?><form class="native" method="post" action="<?cs var:Upload.url ?>" enctype="multipart/form-data" novalidate data-upload><?cs /if ?><?cs /def ?>
<?cs def:upload_name() ?><?cs if:!Page.practice ?> name="file"<?cs /if ?><?cs /def ?>
<?cs def:waiting(title, text) ?>
<div class="state" role="status">
<span class="spin" aria-hidden="true"></span>
<p class="state-title"><?cs var:title ?></p>
<p><?cs var:text ?></p>
<p><a href="<?cs if:Page.refresh_url ?><?cs var:Page.refresh_url ?><?cs else ?><?cs var:Page.action ?><?cs /if ?>">等了很久？点这里看结果</a></p>
</div>
<?cs /def ?>
<?cs def:show_code() ?>
<form method="post" action="<?cs var:Handover.action ?>" novalidate>
<?cs call:csrf() ?>
<button class="btn second" type="submit" name="action" value="show">显示二维码</button>
<?cs if:Handover.telephone ?><button class="btn second" type="submit" name="action" value="sms">发短信到 <?cs var:Handover.telephone ?></button><?cs /if ?>
</form>
<?cs /def ?>

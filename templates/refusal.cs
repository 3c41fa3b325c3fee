<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<section class="card state">
<span class="badge wait" aria-hidden="true"></span>
<h1><?cs if:Refusal.title ?><?cs var:Refusal.title ?><?cs else ?><?cs var:Page.heading ?><?cs /if ?></h1>
<p><?cs var:Refusal.text ?></p>
<?cs if:Refusal.next ?>
<p class="what"><strong>您可以这样做</strong><br><?cs var:Refusal.next ?></p>
<?cs /if ?>
<?cs if:Refusal.saved ?><p class="muted">您填过的内容已保存，回来可以接着办。</p><?cs /if ?>
<?cs if:Refusal.action_url ?>
<a class="btn" href="<?cs var:Refusal.action_url ?>"><?cs var:Refusal.action_text ?></a>
<?cs /if ?>
<?cs if:Refusal.action_url != "/" ?><p><a href="/">回到首页</a></p><?cs /if ?>
</section>
<?cs include!"_foot.cs" ?>

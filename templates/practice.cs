<?cs include!"_head.cs" ?>
<section class="card state finish">
<span class="badge good" aria-hidden="true"><svg viewBox="0 0 24 24"><path d="m5 12.500 4.500 4.500L19 7.500"/></svg></span>
<h1><?cs var:Page.heading ?></h1>
<p>全部步骤都走完了。刚才填的、拍的都没有保存，没有产生、变更或注销任何登记。</p>
<p>真正办理时，请用您自己的车、手机号和身份证。</p>
<a class="btn" href="/<?cs var:Flow.slug ?>/notice">正式办理</a>
<a class="btn second" href="/practice/<?cs var:Flow.slug ?>/notice">再练一遍</a>
</section>
<?cs include!"_foot.cs" ?>

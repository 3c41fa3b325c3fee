<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<title><?cs var:Page.title ?></title>
<meta name="theme-color" content="#00703c">
<meta name="format-detection" content="telephone=no">
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%2300703c'/%3E%3Cpath d='m8 17 5.500 5.500L24.500 11' fill='none' stroke='%23fff' stroke-width='4'/%3E%3C/svg%3E">
<link rel="stylesheet" href="<?cs var:Site.css ?>">
<script defer src="<?cs var:Site.js ?>"></script>
<?cs # Not where a code is typed: it would be taken away. ?>
<?cs if:Page.refresh && !Sms.sending ?>
<noscript><!-- [html-validate-disable-next meta-refresh] --><meta http-equiv="refresh" content="<?cs var:Page.refresh ?><?cs if:Page.refresh_url ?>;url=<?cs var:Page.refresh_url ?><?cs /if ?>"></noscript>
<?cs /if ?>
</head>
<body<?cs if:Page.desk ?> class="desk"<?cs /if ?><?cs if:Page.care ?> data-mode="care"<?cs /if ?>>
<a class="skip" href="#main">跳到主要内容</a>
<header class="top">
<div class="wrap">
<a class="logo" href="/"><svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><path d="M7 3h12l7 7v17a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V5a2 2 0 0 1 1-2z" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linejoin="round"/><path d="m11 18 3.6 3.6L21.5 14" fill="none" stroke="currentColor" stroke-width="2.8" stroke-linecap="round" stroke-linejoin="round"/></svg><span><?cs var:Site.name ?><small class="brand"><?cs var:Site.brand ?></small></span></a>
<a class="mode" href="<?cs var:Page.mode ?>" data-mode-link data-text-on="大字版" data-text-off="标准版"><?cs if:Page.care ?>标准版<?cs else ?>大字版<?cs /if ?></a>
</div>
<?cs if:Page.practice ?>
<p class="practice"><strong>模拟办理：不核验、不保存、不产生登记</strong></p>
<?cs /if ?>
</header>
<main id="main" tabindex="-1"<?cs if:Page.refresh ?> data-wait="<?cs var:Page.refresh ?>"<?cs /if ?>>
<div class="wrap">
<?cs if:Page.back || Page.step ?>
<div class="bar">
<?cs if:Page.back ?>
<a class="back" href="<?cs var:Page.back ?>">返回</a>
<?cs /if ?>
<?cs if:Page.step ?>
<p class="step"><?cs var:Page.step ?></p>
<?cs /if ?>
</div>
<?cs /if ?>
<?cs if:Page.step_count ?>
<div class="track" aria-hidden="true"><?cs loop:i = #1, #Page.step_count ?><i<?cs if:#i < #Page.step_number ?> class="on"<?cs elif:#i == #Page.step_number ?> class="on now"<?cs /if ?>></i><?cs /loop ?></div>
<?cs /if ?>
<?cs if:Page.error ?>
<div class="summary" role="alert" tabindex="-1" id="summary">
<p class="summary-title">请改正以下问题</p>
<ul>
<?cs each:item = Errors ?>
<li><?cs if:item.field ?><a href="#<?cs var:item.field ?>"><?cs var:item.text ?></a><?cs else ?><?cs var:item.text ?><?cs /if ?></li>
<?cs /each ?>
</ul>
</div>
<?cs /if ?>
<?cs if:Page.no_cookies ?>
<p class="note bad" role="alert">浏览器没有保存 Cookie，刚才的提交没有成功。请在浏览器设置里允许 Cookie，或者换微信、手机自带的浏览器打开本页；已经换好的，请再提交一次。</p>
<?cs elif:Page.again ?>
<p class="note warn" role="status">页面已更新，请再提交一次</p>
<?cs /if ?>
<?cs if:Page.notice ?>
<p class="note" role="status"><?cs var:Page.notice ?></p>
<?cs /if ?>
<?cs if:Practice.hint ?>
<div class="note warn">
<p><?cs var:Practice.hint ?></p>
<?cs if:Practice.button ?>
<form method="post" action="<?cs var:Page.action ?>" novalidate>
<input type="hidden" name="csrf" value="<?cs var:Page.csrf ?>">
<button class="btn second" type="submit" name="action" value="sample"><?cs var:Practice.button ?></button>
</form>
<?cs /if ?>
</div>
<?cs /if ?>

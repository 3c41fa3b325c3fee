<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<div class="hero">
<div>
<h1><?cs var:Page.heading ?></h1>
<p>给车里的上网卡登记车主身份，在手机上就能办，约 3 分钟。</p>
</div>
<svg viewBox="0 0 64 64" aria-hidden="true"><path d="M8 46V38l5-13a6 6 0 0 1 5.600-4h26.800a6 6 0 0 1 5.600 4l5 13v8M8 38h48M8 46v8h8v-5M56 46v8h-8v-5H16M15 43.500h6M43 43.500h6"/><path d="M25 14a10 10 0 0 1 14 0M20.500 9a16.500 16.500 0 0 1 23 0" stroke="#fff"/></svg>
</div>
<?cs if:Draft.paused ?>
<section class="card" aria-labelledby="paused">
<h2 id="paused">继续上次办理</h2>
<p>为保护您的信息已暂停，填过的内容都还在。</p>
<form method="post" action="/paused" novalidate>
<?cs call:csrf() ?>
<button class="btn" type="submit">获取验证码，继续办理</button>
</form>
</section>
<?cs /if ?>
<ul class="tiles">
<li>
<a class="tile main" href="<?cs if:Draft.live ?><?cs var:Draft.url ?><?cs else ?>/register/notice<?cs /if ?>">
<svg class="ico" viewBox="0 0 24 24" aria-hidden="true"><path d="M3 15v-3l2-5.2A2.6 2.6 0 0 1 7.400 5h9.200a2.600 2.600 0 0 1 2.400 1.800L21 12v3M3 12h18M3 15v3h3v-2M21 15v3h-3v-2H6"/></svg>
<?cs if:Draft.live ?>
<span><strong>继续上次办理（已完成 <?cs var:Draft.done ?> 步）</strong><small>填过的内容都还在，接着办就行</small></span>
<?cs else ?>
<span><strong>车主实名认证</strong><small>车主本人，用自己的身份证办理</small></span>
<?cs /if ?>
</a>
</li>
<li>
<a class="tile" href="/cancel/notice">
<svg class="ico" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9"/><path d="m8.500 8.500 7 7M15.500 8.500l-7 7"/></svg>
<span><strong>车主注销</strong><small>卖车、报废或换卡时，取消原来的登记</small></span>
</a>
</li>
<li>
<a class="tile" href="/update/notice">
<svg class="ico" viewBox="0 0 24 24" aria-hidden="true"><path d="M4 12a8 8 0 0 1 14-5M18 3v4h-4M20 12a8 8 0 0 1-14 5M6 21v-4h4"/></svg>
<span><strong>信息变更</strong><small>换了手机号或身份证，更新登记</small></span>
</a>
</li>
<li>
<a class="tile" href="/records">
<svg class="ico" viewBox="0 0 24 24" aria-hidden="true"><path d="M6 3h12v18H6zM9.500 8h5M9.500 12h5M9.500 16h3"/></svg>
<span><strong>实名登记记录</strong><small>查看办理结果和进度</small></span>
</a>
</li>
<li>
<a class="tile" href="/mine">
<svg class="ico" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="8" r="4"/><path d="M4 21a8 8 0 0 1 16 0z"/></svg>
<span><strong>我的信息</strong><small>查看、下载、更正和删除保存的信息</small></span>
</a>
</li>
</ul>
<p class="rehearse"><a href="/practice/register/notice">模拟办理（先练一遍）</a> <a href="/practice/cancel/notice">模拟注销</a> <a href="/practice/update/notice">模拟变更</a></p>
<h2 class="over">企业车主</h2>
<ul class="tiles">
<li>
<a class="tile" href="<?cs if:Draft.company ?><?cs var:Draft.url ?><?cs else ?>/fleet<?cs /if ?>">
<svg class="ico" viewBox="0 0 24 24" aria-hidden="true"><path d="M4 21V4h10v17M14 9h6v12M2 21h20M7.500 8h3M7.500 12h3M7.500 16h3M17 13v0M17 17v0"/></svg>
<?cs if:Draft.company ?>
<span><strong>继续上次的企业办理</strong><small>填过的内容都还在，接着办就行</small></span>
<?cs else ?>
<span><strong>企业车主办理</strong><small>单位名下的车，一次可以办很多辆，由单位经办人办理</small></span>
<?cs /if ?>
</a>
</li>
</ul>
<p class="fact">没有登记也可以使用车上的紧急呼叫，办理过程中也不受影响。</p>
<?cs include!"_foot.cs" ?>

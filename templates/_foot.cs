<?cs include!"_keep.cs" ?>
</div>
</main>
<footer class="foot">
<div class="wrap">
<p class="help"><strong>办理遇到问题或要投诉举报</strong><br>客服电话 <a class="nobreak" href="tel:<?cs var:Site.hotline ?>"><?cs var:Site.hotline ?></a><br><span>服务时间：<?cs var:Site.hours ?></span></p>
<p class="links"><a href="/complaint">投诉举报</a> <a href="/help">常见问题</a> <a href="/">首页</a> <a href="/agreement/privacy">隐私告知</a> <a href="/agreement/personal-information">个人信息处理规则</a></p>
</div>
</footer>
</body>
</html>

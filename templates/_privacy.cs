<h2>我们怎样使用您的信息</h2>
<ul class="dots">
<li>只用于车联网卡实名登记、注销和核验</li>
<li>依照规定提供给您这张卡的电信运营商，并由其报送工业和信息化部车联网卡监管平台</li>
<li>人脸视频会在用到时再单独征求您的同意</li>
<li>您可以随时查询、更正，也可以拨打客服电话撤回同意</li>
</ul>
<?cs call:field_error("privacy", Field.privacy) ?>
<p class="doc" id="privacy" tabindex="-1"><a href="/agreement/privacy">阅读《隐私告知》全文</a></p>

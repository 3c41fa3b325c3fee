<?cs # What a company needs for a batch. ?>
<?cs if:Flow.kind == "cancel" ?>
<p class="lead">车辆报废或收回时，取消登记在单位名下的车联网卡。一次可以办多辆车。</p>
<?cs elif:Flow.kind == "update" ?>
<p class="lead">原来的责任人离开或换岗时，把车联网卡登记到新的责任人名下。单位不变。</p>
<?cs else ?>
<p class="lead">给单位名下的车登记车联网卡，一次可以办多辆车，同一批卡登记到一位责任人名下。</p>
<?cs /if ?>
<section class="card">
<h2>请先准备好</h2>
<ul class="dots">
<li><strong>车辆清单：</strong>勾选、粘贴车架号，或导入表格</li>
<li><strong>单位证件：</strong>营业执照、事业单位法人证书或社会团体法人登记证书</li>
<li><strong>授权书：</strong>办理中可以打印填好的样式，签字盖章后上传</li>
<li><strong><?cs if:Flow.kind == "update" ?>新<?cs /if ?>责任人的身份证：</strong>人像面和国徽面</li>
<li><strong>签字盖章的附件：</strong><?cs if:Flow.kind == "cancel" ?>车辆报废或收回的证明、注销申请<?cs else ?>入网协议、实名制责任告知书、分配管理协议<?cs /if ?></li>
<li><strong>责任人本人：</strong>在手机上录一段 5 秒的视频，可以扫码或用短信链接办</li>
</ul>
<p>材料可以分几次传，没办完的会保存一天。</p>
</section>

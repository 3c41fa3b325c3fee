<p>可以改为人工审核，线上就能办：不录像，再拍一张<?cs if:Flow.company ?>责任人手持身份证的<?cs else ?>行驶证<?cs /if ?>照片，工作人员一个工作日内核对，用短信告诉您结果。</p>
<?cs call:action_form("manual", "不用人脸，改人工审核", "btn second") ?>
<p>填过的内容都保留；提交前还可以改回人脸核验。</p>

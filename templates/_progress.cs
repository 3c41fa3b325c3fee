<div class="going" hidden data-going>
<p data-going-text></p>
<progress max="100" value="0" aria-label="上传进度"></progress>
<div class="two">
<button class="btn second small" type="button" data-cancel>取消</button>
<button class="btn small" type="button" hidden data-retry>重试</button>
</div>
</div>
<p class="hide" role="status" data-said></p>
<p class="error" role="alert" hidden data-problem></p>

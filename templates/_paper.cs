<?cs # A paper: picture or PDF, by button, camera or by dropping it. Without script one form with one file. Paper.many: so many at once. ?>
<div class="uploader" data-uploader data-url="<?cs var:Upload.url ?>" data-label="<?cs var:Paper.label ?>" data-kind="paper" data-max="<?cs var:Site.picture_bytes ?>"
data-text-sending="{label}上传中 {p}%" data-text-prepare="正在准备文件…" data-text-done="已上传，正在打开结果…" data-text-net="网络中断，已上传 {p}%，恢复后会自动继续" data-text-fail="没有传上去，请点“重试”" data-text-cancelled="已取消上传" data-text-type="请使用 JPG、PNG、BMP 照片或 PDF 文件" data-text-big="文件不能超过 <?cs var:Site.picture_mb ?>MB" data-text-empty="这个文件是空的，请重新选择" data-text-small="照片太小，看不清字，请重新拍摄"<?cs if:Paper.many ?> data-many="<?cs var:Paper.many ?>" data-text-many="一次最多再选 {n} 个文件"<?cs /if ?>>
<div class="field<?cs if:Field.file.error ?> bad<?cs /if ?>" id="file" tabindex="-1">
<?cs call:field_error("file", Field.file) ?>
<?cs call:upload_open() ?>
<label for="file-paper">选择<?cs var:Paper.label ?>（JPG、PNG 或 PDF，不超过 <?cs var:Site.picture_mb ?>MB）</label>
<input type="file" id="file-paper"<?cs call:upload_name() ?> accept="image/jpeg,image/png,image/bmp,application/pdf"<?cs if:Paper.many ?> data-multiple<?cs /if ?>>
<button class="btn second" type="submit">上传选好的文件</button>
</form>
<div class="drop" hidden data-taps data-drop>
<p class="wide-only">把文件拖到这里，或者</p>
<button class="btn second" type="button" data-pick="file-paper"><?cs if:Picture.url ?>换一个文件<?cs elif:Paper.many ?>选择文件（可多选）<?cs else ?>选择文件或拍照<?cs /if ?></button>
<p class="hint">JPG、PNG 或 PDF，不超过 <?cs var:Site.picture_mb ?>MB</p>
</div>
<?cs include!"_progress.cs" ?>
</div>
</div>

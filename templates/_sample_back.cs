<div class="sample sample-back" role="img" aria-label="身份证国徽面示意图：左上有国徽，四个角都要拍到"></div>
